//! Verifying keys in snarkjs's JSON, and verification.

use super::proof::Proof;
use crate::error::{Code, CoreError, Result};
use crate::field::decimal;
use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{One, PrimeField};
use serde_json::{Value, json};
use std::str::FromStr;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    pub alpha: G1Affine,
    pub beta: G2Affine,
    pub gamma: G2Affine,
    pub delta: G2Affine,
    /// One point more than there are public inputs.
    pub ic: Vec<G1Affine>,
}

impl VerifyingKey {
    /// snarkjs's verification_key.json; `development` marks keys whose secrets are known.
    pub fn to_json(&self, development: bool) -> Value {
        let ic: Vec<Value> = self.ic.iter().map(g1_to_json).collect();
        json!({
            "protocol": "groth16",
            "curve": "bn128",
            "nPublic": self.ic.len() - 1,
            "vk_alpha_1": g1_to_json(&self.alpha),
            "vk_beta_2": g2_to_json(&self.beta),
            "vk_gamma_2": g2_to_json(&self.gamma),
            "vk_delta_2": g2_to_json(&self.delta),
            "IC": ic,
            "development": development,
        })
    }

    /// Reads what `to_json` or snarkjs wrote. VERIFYING_KEY_UNREADABLE when a point is missing, out of range, the
    /// identity, off its curve or out of its subgroup, INSECURE_KEY when gamma = delta (anyone could forge proofs).
    pub fn from_json(text: &str) -> Result<Self> {
        let unreadable =
            |why: &str| CoreError::new(Code::VerifyingKeyUnreadable, format!("the verifying key is refused: {why}"));
        let value: Value = serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
        let g1 = |value: &Value| g1_from_json(value).ok_or_else(|| unreadable("a point of G1 is wrong"));
        let g2 = |name: &str| g2_from_json(&value[name]).ok_or_else(|| unreadable(&format!("{name} is wrong")));
        let ic = value["IC"].as_array().ok_or_else(|| unreadable("IC is missing"))?;
        let key = Self {
            alpha: g1(&value["vk_alpha_1"])?,
            beta: g2("vk_beta_2")?,
            gamma: g2("vk_gamma_2")?,
            delta: g2("vk_delta_2")?,
            ic: ic.iter().map(g1).collect::<Result<_>>()?,
        };
        if key.ic.is_empty() || value["nPublic"].as_u64() != Some(key.ic.len() as u64 - 1) {
            return Err(unreadable("IC does not have nPublic + 1 points"));
        }
        if key.gamma == key.delta {
            return Err(CoreError::new(
                Code::InsecureKey,
                "the verifying key is refused: gamma = delta, so anyone can forge proofs",
            ));
        }
        Ok(key)
    }
}

/// Whether the proof holds for exactly these public inputs.
pub fn verify(key: &VerifyingKey, publics: &[Fr], proof: &Proof) -> bool {
    if publics.len() + 1 != key.ic.len() {
        return false;
    }
    let inputs =
        key.ic[1..].iter().zip(publics).fold(key.ic[0].into_group(), |sum, (point, input)| sum + *point * *input);
    let left = [(-proof.a.into_group()).into_affine(), key.alpha, inputs.into_affine(), proof.c];
    let right = [proof.b, key.beta, key.gamma, key.delta];
    Bn254::multi_pairing(left, right).0.is_one()
}

fn g1_to_json(point: &G1Affine) -> Value {
    json!([decimal(&point.x), decimal(&point.y), "1"])
}

fn g2_to_json(point: &G2Affine) -> Value {
    let pair = |value: &Fq2| json!([decimal(&value.c0), decimal(&value.c1)]);
    json!([pair(&point.x), pair(&point.y), ["1", "0"]])
}

fn fq_from_json(value: &Value) -> Option<Fq> {
    let text = value.as_str()?;
    // Only plain digits of the canonical integer.
    let digits = !text.is_empty() && text.len() <= 77 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if digits { Fq::from_str(text).ok()? } else { return None };
    (parsed.into_bigint().to_string() == text).then_some(parsed)
}

fn g1_from_json(value: &Value) -> Option<G1Affine> {
    let point = G1Affine::new_unchecked(fq_from_json(&value[0])?, fq_from_json(&value[1])?);
    (value[2] == "1" && point.is_on_curve() && !point.is_zero()).then_some(point)
}

fn g2_from_json(value: &Value) -> Option<G2Affine> {
    let pair = |value: &Value| Some(Fq2::new(fq_from_json(&value[0])?, fq_from_json(&value[1])?));
    let point = G2Affine::new_unchecked(pair(&value[0])?, pair(&value[1])?);
    let affine = value[2] == json!(["1", "0"]);
    (affine && point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve() && !point.is_zero())
        .then_some(point)
}
