//! The execution engine for JavaScript. `native/engine.ts` checks what callers give and takes results apart.

use crate::buffer::write_to;
use crate::error::guard;
use crate::job::{Background, background};
use napi::Env;
use napi::bindgen_prelude::{AsyncTask, ObjectFinalize, Uint8Array, Uint8ArraySlice};
use napi_derive::napi;
use quittance_core::engine::{
    ACCOUNT_BYTES, Account, Batch, CAPACITY, ChunkHead, DEPTH, Engine, Executed, Execution, FEE_TOKENS, Node, Options,
    Refusal, Signatures, State, Turn, read_node, write_node, write_rows,
};
use quittance_core::error::{Code, CoreError};
use std::sync::Arc;

const NODE_BYTES: usize = 32;
/// A leaf to write: index 4, 1 with an account or 0 without, 3 zeros, account 76.
const WRITE_BYTES: usize = 8 + ACCOUNT_BYTES;

/// Executes on threads of its own, or on those of the process.
#[napi]
pub struct NativeEngine {
    inner: Arc<Engine>,
}

/// Accounts with their tree.
#[napi(custom_finalize)]
pub struct NativeState {
    inner: Arc<State>,
    /// Bytes that JavaScript's collector was told of, so that it sees what a state that nobody needs holds.
    reported: i64,
}

impl ObjectFinalize for NativeState {
    fn finalize(self, env: Env) -> napi::Result<()> {
        env.adjust_external_memory(-self.reported).map(drop)
    }
}

/// How many slots a chunk has, and its four fee tokens.
#[napi(object)]
pub struct ChunkInput {
    pub slots: u32,
    pub fee_tokens: Vec<f64>,
}

/// What to execute and how. `signatures` is `believed`, `verified` or `ids`.
#[napi(object, object_to_js = false)]
pub struct ExecuteInput<'a> {
    pub domain: Uint8ArraySlice<'a>,
    pub batch_time: f64,
    pub chunks: Vec<ChunkInput>,
    pub signatures: String,
    pub stop: bool,
    pub traces: bool,
    pub commitments: bool,
}

/// A refused slot: the rule, the leaves that it saw (76 bytes, or none), and the fee sums before it (32 bytes each).
#[napi(object)]
pub struct RefusedSlot {
    pub chunk: u32,
    pub slot: u32,
    pub code: String,
    pub sender: Option<Uint8Array>,
    pub receiver: Option<Uint8Array>,
    pub fees: Uint8Array,
}

/// Roots and commitments are 32 bytes each.
#[napi(object)]
pub struct ExecutionResult {
    pub refusals: Vec<RefusedSlot>,
    pub roots: Uint8Array,
    pub commitments: Uint8Array,
    pub traces: Uint8Array,
    pub changes: Uint8Array,
}

#[napi]
impl NativeEngine {
    #[napi(constructor)]
    pub fn new(threads: Option<u32>, max_bytes: f64) -> napi::Result<Self> {
        let engine = guard(|| Engine::new(threads.map(|count| count as usize), max_bytes as u64))?;
        Ok(Self { inner: Arc::new(engine) })
    }

    /// The state of rows of 80 bytes by ascending index.
    #[napi]
    pub fn restore(&self, env: Env, rows: Uint8ArraySlice) -> napi::Result<NativeState> {
        let state = guard(|| State::from_rows(self.inner.clone(), &rows))?;
        let reported = state.read().bytes() as i64;
        env.adjust_external_memory(reported)?;
        Ok(NativeState { inner: Arc::new(state), reported })
    }
}

#[napi]
impl NativeState {
    #[napi(getter)]
    pub fn count(&self) -> napi::Result<u32> {
        guard(|| Ok(self.inner.read().count() as u32))
    }

    /// Writes the root, 32 bytes.
    #[napi]
    pub fn root(&self, out: Uint8ArraySlice) -> napi::Result<()> {
        guard(|| fill(out, &[self.inner.read().root()]))
    }

    /// Writes the 64 shards.
    #[napi]
    pub fn shards(&self, out: Uint8ArraySlice) -> napi::Result<()> {
        guard(|| fill(out, &self.inner.read().shards()))
    }

    /// Writes the four children of each node on the path of an index below 2^24, the root's first.
    #[napi]
    pub fn path(&self, index: u32, out: Uint8ArraySlice) -> napi::Result<()> {
        guard(|| {
            let index = leaf_index(index)?;
            let nodes: Vec<Node> = {
                let tree = self.inner.read();
                (0..DEPTH).flat_map(|level| tree.children(level, index >> (2 * (DEPTH - level)))).collect()
            };
            fill(out, &nodes)
        })
    }

    /// Writes the account at an index below 2^24, if there is one.
    #[napi]
    pub fn account(&self, index: u32, out: Uint8ArraySlice) -> napi::Result<bool> {
        guard(|| {
            let account = self.inner.read().account(leaf_index(index)?).copied();
            let Some(account) = account else { return Ok(false) };
            write_to(out, ACCOUNT_BYTES, |out| account.write(out))?;
            Ok(true)
        })
    }

    /// At most `most` rows of 80 bytes, from the first account at `first` or above on; `first` is below 2^24.
    #[napi]
    pub fn rows(&self, first: u32, most: u32) -> napi::Result<Uint8Array> {
        guard(|| Ok(write_rows(&self.inner.read(), leaf_index(first)?, most as usize).into()))
    }

    /// Writes leaves, given in `WRITE_BYTES` each; of one index the last counts.
    #[napi]
    pub fn write(&self, leaves: Uint8ArraySlice) -> napi::Result<()> {
        guard(|| {
            let turn = self.inner.turn()?;
            turn.write(read_leaves(&leaves)?)
        })
    }

    /// Executes a batch on background threads. From now on until it ends nobody else may change the state; the state itself
    /// changes on JavaScript's thread, so that whatever runs there without a break sees one state.
    #[napi(ts_return_type = "Promise<ExecutionResult>")]
    pub fn execute(
        &self,
        operations: Vec<Uint8ArraySlice>,
        ids: Option<Uint8ArraySlice>,
        input: ExecuteInput,
    ) -> napi::Result<AsyncTask<Background<Executed, ExecutionResult>>> {
        // Copies: JavaScript may write to its buffers while the work goes on.
        let operations = operations.iter().map(|chunk| &chunk[..]).collect::<Vec<_>>().concat();
        let (turn, batch, options): (Turn, Batch, Options) = guard(|| {
            let options = Options { stop: input.stop, traces: input.traces, commitments: input.commitments };
            let batch = read_batch(operations, ids.map(|ids| ids.to_vec()), &input)?;
            Ok((self.inner.turn()?, batch, options))
        })?;
        Ok(background(move || turn.execute(&batch, options), |executed| into_result(executed.commit())))
    }
}

fn misused(message: &str) -> CoreError {
    CoreError::new(Code::InvariantBroken, message)
}

fn read_batch(operations: Vec<u8>, ids: Option<Vec<u8>>, input: &ExecuteInput) -> Result<Batch, CoreError> {
    let signatures = match (input.signatures.as_str(), ids) {
        ("believed", None) => Signatures::Believed,
        ("verified", None) => Signatures::Verified,
        ("ids", Some(ids)) => Signatures::Ids(ids),
        _ => return Err(misused("signatures are believed, verified, or ids with ids")),
    };
    let head = |chunk: &ChunkInput| {
        let tokens = <&[f64; FEE_TOKENS]>::try_from(chunk.fee_tokens.as_slice());
        let tokens = tokens.map_err(|_| misused("a chunk has four fee tokens"))?;
        Ok(ChunkHead { slots: chunk.slots as usize, fee_tokens: tokens.map(|token| token as u64) })
    };
    if input.domain.len() != NODE_BYTES {
        return Err(misused("a domain has 32 bytes"));
    }
    Ok(Batch {
        domain: read_node(&input.domain),
        batch_time: input.batch_time as u64,
        chunks: input.chunks.iter().map(head).collect::<Result<_, CoreError>>()?,
        operations,
        signatures,
    })
}

fn read_leaves(bytes: &[u8]) -> Result<Vec<(u32, Option<Account>)>, CoreError> {
    let (rows, rest) = bytes.as_chunks::<WRITE_BYTES>();
    let leaves = rows.iter().map(|row| {
        let index = leaf_index(u32::from_be_bytes(row[..4].try_into().expect("4 bytes"))).ok()?;
        let account = Account::read(row[8..].try_into().expect("76 bytes"));
        Some((index, if row[4] == 0 { None } else { Some(account?) }))
    });
    let leaves: Option<Vec<_>> = leaves.collect();
    leaves.filter(|_| rest.is_empty()).ok_or_else(|| misused("the bytes are no leaves"))
}

/// An index of the tree; what is beyond it would be no place of its pages.
fn leaf_index(index: u32) -> Result<u32, CoreError> {
    if index < CAPACITY { Ok(index) } else { Err(misused("an index beyond the tree was given")) }
}

fn fill(out: Uint8ArraySlice, nodes: &[Node]) -> Result<(), CoreError> {
    write_to(out, nodes.len() * NODE_BYTES, |out| {
        out.chunks_exact_mut(NODE_BYTES).zip(nodes).for_each(|(out, node)| write_node(out, node));
    })
}

fn encode(nodes: &[Node]) -> Uint8Array {
    let mut bytes = vec![0; nodes.len() * NODE_BYTES];
    bytes.chunks_exact_mut(NODE_BYTES).zip(nodes).for_each(|(out, node)| write_node(out, node));
    bytes.into()
}

fn into_result(execution: Execution) -> ExecutionResult {
    let account = |account: &Account| {
        let mut bytes = vec![0; ACCOUNT_BYTES];
        account.write(&mut bytes);
        bytes.into()
    };
    let refused = |refusal: &Refusal| RefusedSlot {
        chunk: refusal.chunk,
        slot: refusal.slot,
        code: refusal.rule.name().to_owned(),
        sender: refusal.sender.as_ref().map(account),
        receiver: refusal.receiver.as_ref().map(account),
        fees: encode(&refusal.fees.0),
    };
    ExecutionResult {
        refusals: execution.refusals.iter().map(refused).collect(),
        roots: encode(&execution.roots),
        commitments: encode(&execution.commitments),
        traces: execution.traces.into(),
        changes: execution.changes.into(),
    }
}
