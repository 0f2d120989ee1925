//! Batches on states: versions of nodes against one write at a time, threads, panics, memory and turns.

use super::*;
use crate::engine::batch::ChunkHead;
use crate::engine::node::{Node, read_node};
use crate::engine::samples::{Fields, account, deposit_words, packed};
use crate::engine::signatures::Signatures;
use crate::engine::trace::{SHARDS_BYTES, SLOT_TRACE_BYTES};
use crate::engine::tree::{CAPACITY, DEPTH, SHARD_DEPTH, ancestor};
use crate::error::catch;
use std::sync::mpsc;
use std::time::Duration;

const TOKEN: u32 = 9;
const FULL: Options = Options { stop: true, traces: true, commitments: true };
const ROOTS: Options = Options { stop: true, traces: false, commitments: false };
const GIGABYTE: u64 = 1 << 30;

fn engine(threads: usize, max_bytes: u64) -> Arc<Engine> {
    Arc::new(Engine::new(Some(threads), max_bytes).unwrap())
}

/// Accounts at the ends of the tree, side by side, and in other shards.
const INDICES: [u32; 8] = [0, 1, 2, 4, 255, 1 << 18, CAPACITY - 2, CAPACITY - 1];

/// A state in which each of `INDICES` holds a thousand.
fn populated(engine: &Arc<Engine>) -> Arc<State> {
    let state = Arc::new(State::empty(engine.clone()));
    let accounts = INDICES.iter().zip(1..).map(|(index, number)| (*index, Some(account(number, TOKEN, 1_000))));
    state.turn().unwrap().write(accounts).unwrap();
    state
}

/// Chunks of 7, 0, 40 and 1 slots: transfers among the accounts, deposits to them and to new ones, and noops.
fn batch() -> Batch {
    let mut random = 1u64;
    let mut below = |bound: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % bound
    };
    let operations = (0..48).flat_map(|slot| {
        let (from, to) = (below(INDICES.len()), below(INDICES.len() - 1));
        let other = if to < from { to } else { to + 1 };
        let transfer = Fields { kind: 1, from: INDICES[from], to: INDICES[other], amount: 3, fee: 0 };
        match slot % 6 {
            0 => packed(
                Fields { kind: 4, to: 4096 * (slot + 1), ..Fields::default() },
                deposit_words(&account(99, 1, 0), 5),
            ),
            1 => packed(
                Fields { kind: 4, to: INDICES[from], ..Fields::default() },
                deposit_words(&account(from as u8 + 1, TOKEN, 0), 5),
            ),
            2 => packed(Fields::default(), [[0; 4]; 3]),
            _ => packed(transfer, [[0; 4]; 3]),
        }
    });
    let operations: Vec<u8> = operations.collect();
    let heads = [7, 0, 40, 1].map(|slots| ChunkHead { slots, fee_tokens: [1 << 32; 4] });
    Batch { domain: [5, 0, 0, 0], batch_time: 7, chunks: heads.into(), operations, signatures: Signatures::Believed }
}

fn root(state: &State) -> Node {
    state.read().root()
}

/// The leaf that a slot's trace has at `offset`.
fn node_at(slot: &[u8], offset: usize) -> Node {
    read_node(&slot[offset..offset + 32])
}

#[test]
fn every_version_of_a_node_is_that_of_one_write_at_a_time() {
    let engine = engine(2, GIGABYTE);
    let (state, single) = (populated(&engine), populated(&engine));
    let batch = batch();
    let execution = state.turn().unwrap().execute(&batch, FULL).unwrap().commit();
    assert!(execution.refusals.is_empty());
    let mut rest = execution.traces.as_slice();
    for (chunk, head) in batch.chunks.iter().enumerate() {
        assert_eq!(execution.roots[chunk], root(&single));
        let (shards, after) = rest.split_at(SHARDS_BYTES);
        let expected = single.read().shards();
        assert!(shards.chunks_exact(32).map(read_node).eq(expected));
        let (slots, after) = after.split_at(head.slots * SLOT_TRACE_BYTES);
        rest = after;
        for slot in slots.chunks_exact(SLOT_TRACE_BYTES) {
            let record = u128::from_le_bytes(slot[..16].try_into().unwrap());
            let (kind, from, to) = ((record >> 120) as u8, (record >> 88) as u32, (record >> 56) as u32);
            // The receiver's deposit or transfer, in terms of balances.
            let (amount, credit) = if kind == 1 { (3, 3) } else { (0, 5) };
            for (leaf, path, shard_root, index, change) in
                [(416, 608, 3_104, from, kind == 1), (1_760, 1_952, 3_136, to, kind != 0)]
            {
                let tree = single.read();
                let before = tree.account(index).copied();
                let expected = (SHARD_DEPTH..DEPTH).flat_map(|level| tree.children(level, ancestor(index, level)));
                assert!(slot[path..path + 1_152].chunks_exact(32).map(read_node).eq(expected));
                drop(tree);
                assert_eq!(node_at(slot, leaf)[0], u64::from(before.is_none()));
                assert_eq!(node_at(slot, leaf + 160)[0], before.map_or(0, |account| account.balance as u64));
                if change {
                    let after = match before {
                        Some(account) if leaf == 416 => {
                            Account { balance: account.balance - amount, nonce: account.nonce + 1, ..account }
                        }
                        Some(account) => Account { balance: account.balance + credit, ..account },
                        None => Account { nonce: 0, ..account(99, 1, credit) },
                    };
                    single.turn().unwrap().write([(index, Some(after))]).unwrap();
                }
                assert_eq!(node_at(slot, shard_root), single.read().shards()[(index >> 18) as usize]);
            }
        }
        assert_eq!(execution.roots[chunk + 1], root(&single));
    }
    assert!(rest.is_empty());
    assert_eq!(root(&state), root(&single));
    for level in 0..DEPTH {
        for index in INDICES {
            let position = ancestor(index, level);
            assert_eq!(state.read().children(level, position), single.read().children(level, position));
        }
    }
}

#[test]
fn results_do_not_depend_on_threads_nor_on_whether_there_are_traces() {
    let run = |threads, options| {
        let state = populated(&engine(threads, GIGABYTE));
        let execution = state.turn().unwrap().execute(&batch(), options).unwrap().commit();
        (execution, root(&state))
    };
    let (expected, expected_root) = run(1, FULL);
    assert_eq!(expected.traces.len(), 4 * SHARDS_BYTES + 48 * SLOT_TRACE_BYTES);
    for threads in [2, 7] {
        let (execution, after) = run(threads, FULL);
        assert!(execution.traces == expected.traces && execution.changes == expected.changes);
        assert_eq!(
            (execution.roots, execution.commitments, after),
            (expected.roots.clone(), expected.commitments.clone(), expected_root)
        );
    }
    for threads in [1, 2, 7] {
        let (execution, after) = run(threads, ROOTS);
        assert_eq!((execution.roots, after), (expected.roots.clone(), expected_root));
        assert!(execution.traces.is_empty() && execution.commitments.is_empty());
        assert_eq!(execution.changes, expected.changes);
        let (execution, _) = run(threads, Options { commitments: true, ..ROOTS });
        assert_eq!(execution.commitments, expected.commitments);
    }
}

#[test]
fn a_panic_on_a_thread_leaves_the_state_and_the_turn_as_they_were() {
    let state = populated(&engine(2, GIGABYTE));
    let (before, bytes) = (root(&state), state.read().bytes());
    state.panic_once.store(true, Release);
    let error = catch(|| state.turn()?.execute(&batch(), FULL)).err().unwrap();
    assert_eq!(error.code, Code::InvariantBroken);
    assert!(error.message.contains("asked for by a test"), "{error}");
    assert_eq!((root(&state), state.read().bytes()), (before, bytes));
    let again = populated(&engine(2, GIGABYTE));
    let expected = again.turn().unwrap().execute(&batch(), FULL).unwrap().commit();
    assert!(state.turn().unwrap().execute(&batch(), FULL).unwrap().commit().traces == expected.traces);
}

#[test]
fn a_refused_batch_changes_nothing() {
    for stop in [true, false] {
        let state = populated(&engine(2, GIGABYTE));
        let before = root(&state);
        let mut batch = batch();
        // Accounts that are not there pay: slots 5 and 46 of the batch.
        for slot in [5, 46] {
            batch.operations[256 * slot..256 * slot + 16]
                .copy_from_slice(&(1u128 << 120 | 77u128 << 88 | 1u128 << 56).to_le_bytes());
        }
        let execution = state.turn().unwrap().execute(&batch, Options { stop, ..FULL }).unwrap().commit();
        let places: Vec<_> = execution.refusals.iter().map(|refusal| (refusal.chunk, refusal.slot)).collect();
        assert_eq!(places, if stop { vec![(0, 5)] } else { vec![(0, 5), (2, 39)] });
        assert!(execution.traces.is_empty() && execution.roots.is_empty() && execution.changes.is_empty());
        assert_eq!(root(&state), before);
    }
}

#[test]
fn one_caller_at_a_time_changes_a_state() {
    let state = populated(&engine(1, GIGABYTE));
    let turn = state.turn().unwrap();
    assert_eq!(state.turn().err().unwrap().code, Code::InvariantBroken);
    drop(turn);
    assert!(state.turn().is_ok());
}

#[test]
fn memory_is_refused_before_anything_changes_and_to_the_byte() {
    let refused = |max_bytes: u64| {
        // The same accounts on a budget that is only asked for afterwards.
        let mut state = Arc::into_inner(populated(&engine(1, GIGABYTE))).unwrap();
        state.engine = engine(1, max_bytes);
        let state = Arc::new(state);
        let before = root(&state);
        let outcome = state.turn().unwrap().execute(&batch(), FULL);
        let error = outcome.err()?;
        assert_eq!((error.code, root(&state)), (Code::ResourcesShort, before));
        assert_eq!(error.data["allowed"], max_bytes);
        Some(error.data["needed"].as_u64().unwrap())
    };
    // Before the records are read only what they take is known; then the pages that they add, too.
    let working = refused(0).unwrap();
    assert_eq!(refused(working - 1), Some(working));
    let all = refused(working).unwrap();
    assert!(all > working);
    assert_eq!(refused(all - 1), Some(all));
    assert_eq!(refused(all), None);
}

#[test]
fn memory_is_refused_to_writes_and_to_rows() {
    let small = engine(1, 50_000);
    let state = Arc::new(State::empty(small.clone()));
    let write = |index: u32| state.turn().unwrap().write([(index, Some(account(1, TOKEN, 1)))]);
    // Each leaf far from others has a page of accounts and pages of nodes of its own.
    let error = (0..64).find_map(|shard| write(shard << 18).err()).unwrap();
    assert_eq!(error.code, Code::ResourcesShort);
    assert!(state.read().bytes() <= 50_000);
    let rows = crate::engine::rows::write_rows(&populated(&engine(1, GIGABYTE)).read(), 0, usize::MAX);
    assert_eq!(State::from_rows(small, &rows).err().unwrap().code, Code::ResourcesShort);
}

#[test]
fn an_execution_holds_the_turn_and_shows_nothing_until_it_is_committed() {
    let state = populated(&engine(1, GIGABYTE));
    let before = root(&state);
    let executed = state.turn().unwrap().execute(&batch(), FULL).unwrap();
    assert_eq!(root(&state), before);
    assert!(state.turn().is_err());
    drop(executed);
    assert_eq!(root(&state), before);
    let execution = state.turn().unwrap().execute(&batch(), FULL).unwrap().commit();
    assert_eq!(Some(&root(&state)), execution.roots.last());
    assert!(state.turn().is_ok());
}

#[test]
fn leaves_can_be_emptied_again() {
    let state = populated(&engine(1, GIGABYTE));
    let (before, count) = (root(&state), state.read().count());
    state.turn().unwrap().write([(77, Some(account(3, TOKEN, 1))), (77, Some(account(4, TOKEN, 2)))]).unwrap();
    assert_eq!((state.read().count(), state.read().account(77)), (count + 1, Some(&account(4, TOKEN, 2))));
    assert_ne!(root(&state), before);
    state.turn().unwrap().write([(77, None), (78, None)]).unwrap();
    assert_eq!((root(&state), state.read().count(), state.read().account(77)), (before, count, None));
}

/// Work that keeps every thread of a pool until the senders say so or are dropped. A test that would wait
/// for them fails after a minute.
fn occupy(threads: usize, spawn: impl Fn(Box<dyn FnOnce() + Send>)) -> Vec<mpsc::Sender<()>> {
    let (started, starts) = mpsc::channel();
    let hold = |_| {
        let (release, released) = mpsc::channel::<()>();
        let started = started.clone();
        spawn(Box::new(move || {
            started.send(()).unwrap();
            let _ = released.recv_timeout(Duration::from_secs(60));
        }));
        release
    };
    let releases = (0..threads).map(hold).collect();
    (0..threads).for_each(|_| starts.recv().unwrap());
    releases
}

#[test]
fn a_few_leaves_are_written_while_all_threads_of_the_engine_are_at_work() {
    let engine = engine(2, GIGABYTE);
    let state = populated(&engine);
    let releases = occupy(2, |work| engine.pool.spawn(work));
    let few = (0..BLOCK as u32).map(|index| (index << 20, Some(account(3, TOKEN, 7))));
    state.turn().unwrap().write(few).unwrap();
    // A thread that gave up would have dropped its end.
    assert!(releases.iter().all(|release| release.send(()).is_ok()));
}

#[test]
fn a_batch_does_not_wait_for_the_threads_of_the_process() {
    let shared = Arc::new(Engine::new(None, GIGABYTE).unwrap());
    let state = populated(&shared);
    let releases = occupy(rayon::current_num_threads(), |work| rayon::spawn(work));
    let execution = state.turn().unwrap().execute(&batch(), FULL).unwrap().commit();
    assert_eq!(Some(&root(&state)), execution.roots.last());
    assert!(releases.iter().all(|release| release.send(()).is_ok()));
}
