//! A state that lives in memory: one writer at a time, readers beside it.

use super::account::Account;
use super::batch::{Batch, Execution, Options};
use super::execute::{Commit, execute, hash_leaves};
use super::memory::{Budget, working_bytes};
use super::rows::read_rows;
use super::tree::{LeafWrite, Tree};
use crate::error::{Code, CoreError, Result};
use crate::poseidon::BLOCK;
use rayon::ThreadPool;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel, Ordering::Release};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

/// Leaves that are hashed at once when a state is made: bounds the memory beside its pages.
const LEAVES_AT_ONCE: usize = 1 << 16;

/// Executes on the threads that it was made with.
pub struct Engine {
    pool: Arc<ThreadPool>,
    budget: Budget,
}

/// A state of an engine.
pub struct State {
    engine: Arc<Engine>,
    tree: RwLock<Tree>,
    busy: AtomicBool,
    #[cfg(test)]
    pub(super) panic_once: AtomicBool,
}

/// The right to change a state, for one caller until it is dropped.
pub struct Turn {
    state: Arc<State>,
}

/// An executed batch that is not yet part of its state. Nobody else changes the state before it is committed or dropped.
pub struct Executed {
    turn: Turn,
    execution: Execution,
    commit: Commit,
}

impl Engine {
    /// So many threads of its own, or as many as there are cores, shared with other engines made so; `max_bytes` for each
    /// state with what executes on it.
    pub fn new(threads: Option<usize>, max_bytes: u64) -> Result<Self> {
        let pool = match threads {
            Some(count) => start(count)?,
            None => shared_pool()?,
        };
        Ok(Self { pool, budget: Budget { bytes: max_bytes } })
    }

    fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }
}

/// 0: as many as there are cores.
fn start(threads: usize) -> Result<Arc<ThreadPool>> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let failed = |error| CoreError::new(Code::ResourcesShort, format!("the engine's threads did not start: {error}"));
    built.map(Arc::new).map_err(failed)
}

/// Not the pool of the process: there a batch would wait for whatever a prover has begun.
fn shared_pool() -> Result<Arc<ThreadPool>> {
    static SHARED: Mutex<Option<Arc<ThreadPool>>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    match &*shared {
        Some(pool) => Ok(pool.clone()),
        None => Ok(shared.insert(start(0)?).clone()),
    }
}

impl State {
    /// A state without accounts.
    pub fn empty(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            tree: RwLock::new(Tree::default()),
            busy: AtomicBool::new(false),
            #[cfg(test)]
            panic_once: AtomicBool::new(false),
        }
    }

    /// The state of rows; SNAPSHOT_DAMAGED or RESOURCES_SHORT.
    pub fn from_rows(engine: Arc<Engine>, bytes: &[u8]) -> Result<Self> {
        let accounts = read_rows(bytes)?;
        let mut tree = Tree::default();
        let indices: Vec<u32> = accounts.iter().map(|(index, _)| *index).collect();
        let read = size_of_val(accounts.as_slice()) as u64;
        engine.budget.require(
            read + tree.added_bytes(&indices) + working_bytes(accounts.len().min(LEAVES_AT_ONCE).div_ceil(2), false),
        )?;
        for accounts in accounts.chunks(LEAVES_AT_ONCE) {
            let leaves: Vec<LeafWrite> = accounts.iter().map(|(index, account)| (*index, Some(*account))).collect();
            let nodes = engine.install(|| hash_leaves(&tree, &leaves));
            tree.commit(&leaves, &nodes);
        }
        Ok(Self { tree: RwLock::new(tree), ..Self::empty(engine) })
    }

    /// The tree as it is now. Waits for nothing but the end of a commit.
    pub fn read(&self) -> RwLockReadGuard<'_, Tree> {
        // A commit does not panic half-way: it only stores what was made before.
        self.tree.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the turn; INVARIANT_BROKEN while somebody else has it.
    pub fn turn(self: &Arc<Self>) -> Result<Turn> {
        if self.busy.swap(true, AcqRel) {
            return Err(CoreError::new(Code::InvariantBroken, "another call executes on this state"));
        }
        Ok(Turn { state: self.clone() })
    }

    fn commit(&self, Commit { leaves, nodes }: &Commit) {
        self.tree.write().unwrap_or_else(PoisonError::into_inner).commit(leaves, nodes);
    }
}

#[cfg(test)]
impl State {
    /// A panic on a thread of the pool, once, when a test asked for it.
    fn panic_if_asked(&self) {
        use rayon::prelude::*;
        if self.panic_once.swap(false, AcqRel) {
            (0..64).into_par_iter().for_each(|item| assert_ne!(item, 63, "asked for by a test"));
        }
    }
}

impl Turn {
    /// Executes a batch beside the state, which readers see unchanged until the result is committed.
    pub fn execute(self, batch: &Batch, options: Options) -> Result<Executed> {
        let State { engine, .. } = &*self.state;
        let work = || {
            #[cfg(test)]
            self.state.panic_if_asked();
            execute(&self.state.read(), batch, options, engine.budget)
        };
        let (execution, commit) = engine.install(work)?;
        Ok(Executed { turn: self, execution, commit })
    }

    /// Makes many changes; of one index the last counts. RESOURCES_SHORT; nothing has changed then.
    pub fn write(self, writes: impl IntoIterator<Item = (u32, Option<Account>)>) -> Result<()> {
        let leaves: Vec<LeafWrite> = writes.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        let indices: Vec<u32> = leaves.iter().map(|(index, _)| *index).collect();
        let State { engine, .. } = &*self.state;
        let nodes = {
            let tree = self.state.read();
            let working = working_bytes(leaves.len().div_ceil(2), false);
            engine.budget.require(tree.bytes() + tree.added_bytes(&indices) + working)?;
            // A few leaves are hashed sooner than other threads wake up.
            let hash = || hash_leaves(&tree, &leaves);
            if leaves.len() <= BLOCK { hash() } else { engine.install(hash) }
        };
        self.state.commit(&Commit { leaves, nodes });
        Ok(())
    }
}

impl Executed {
    /// Makes the state what the batch leads to: no more than storing what is there, since readers wait meanwhile.
    pub fn commit(self) -> Execution {
        self.turn.state.commit(&self.commit);
        self.execution
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.state.busy.store(false, Release);
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
