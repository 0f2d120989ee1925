//! Conditions on the inputs: both sides are run, one after the other, and what they wrote is joined.

use super::body::Code;
use super::frame::{Failure, Flow, Frame, Result};
use super::graph::NodeId;
use super::trace::Tracer;
use super::words::Value;

impl Tracer<'_> {
    /// Runs both sides of a condition on the inputs and joins them.
    pub fn run_both(
        &mut self,
        condition: NodeId,
        then: &[Code],
        otherwise: &[Code],
        frame: &mut Frame,
    ) -> Result<Flow> {
        let mark = self.memory.mark();
        let (locals, height) = (frame.locals.clone(), frame.stack.len());
        let opposite = self.graph.not(condition);

        self.conditions += 1;
        frame.path.push(condition);
        let then_flow = self.run(then, frame)?;
        let then_changes = self.memory.changes_since(mark);
        // A conditional return keeps everything since the call: `undo` below takes it away here.
        let then_all = (then_flow == Flow::Return).then(|| self.memory.changes_since(frame.start));
        let then_locals = std::mem::replace(&mut frame.locals, locals);
        let then_top = frame.stack.split_off(height.min(frame.stack.len()));
        self.memory.undo(mark);

        *frame.path.last_mut().expect("pushed above") = opposite;
        let else_flow = self.run(otherwise, frame)?;
        frame.path.pop();
        self.conditions -= 1;

        match (then_flow, else_flow) {
            (Flow::Dead, flow) => Ok(flow),
            (flow, Flow::Dead) => {
                self.memory.undo(mark);
                self.memory.redo(&then_changes);
                frame.locals = then_locals;
                frame.stack.truncate(height);
                frame.stack.extend(then_top);
                Ok(flow)
            }
            (Flow::Return, Flow::Next) => {
                let path = self.path_condition(frame, condition);
                frame.returned.push((path, then_all.expect("set for a return")));
                Ok(Flow::Next)
            }
            (Flow::Next, Flow::Return) => {
                let path = self.path_condition(frame, opposite);
                frame.returned.push((path, self.memory.changes_since(frame.start)));
                self.memory.undo(mark);
                self.memory.redo(&then_changes);
                frame.locals = then_locals;
                frame.stack.truncate(height);
                Ok(Flow::Next)
            }
            (one, other) if one == other => {
                self.memory.join(mark, condition, &then_changes, &mut self.graph)?;
                for (local, then_local) in frame.locals.iter_mut().zip(then_locals) {
                    if *local != then_local {
                        *local = Value::Unknown;
                    }
                }
                Ok(one)
            }
            _ => Err(Failure::new("a loop ends by a condition on the inputs")),
        }
    }

    fn path_condition(&mut self, frame: &Frame, last: NodeId) -> NodeId {
        frame.path.iter().fold(last, |all, condition| self.graph.both(all, *condition))
    }
}
