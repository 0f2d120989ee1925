//! The secrets of the INSECURE development setup: known to everyone who reads this.

use ark_bn254::Fr;
use ark_ff::{One, PrimeField, Zero};
use sha2::{Digest, Sha256};

const TAG: &[u8] = b"rollup insecure development key";

/// tau, alpha, beta, gamma and delta of a setup.
pub struct Secrets {
    pub tau: Fr,
    pub alpha: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub delta: Fr,
}

impl Secrets {
    /// `sha256("rollup insecure development key" ‖ seed ‖ name) mod r`, 1 in place of 0.
    /// Twin: prover/setup/scalars.ts developmentScalars.
    pub fn derive(seed: &[u8]) -> Self {
        let scalar = |name: &str| {
            let digest = Sha256::new().chain_update(TAG).chain_update(seed).chain_update(name).finalize();
            let value = Fr::from_be_bytes_mod_order(&digest);
            if value.is_zero() { Fr::one() } else { value }
        };
        let secrets = Self {
            tau: scalar("tau"),
            alpha: scalar("alpha"),
            beta: scalar("beta"),
            gamma: scalar("gamma"),
            delta: scalar("delta"),
        };
        // Equal, they would let anyone forge; two SHA-256 digests do not agree modulo r.
        assert_ne!(secrets.gamma, secrets.delta, "gamma and delta of a key must differ");
        secrets
    }
}
