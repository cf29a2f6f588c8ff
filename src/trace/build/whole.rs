//! What only a whole scene shows: whether every task that its events name was created.

use super::{Builder, Contradiction, Mark, PollRecord, RunningPoll, Task, TaskId, limits};

impl Builder {
    /// Checks what only the whole scene shows: that all tasks were created, and that no two polls of one task overlap.
    /// For events from a stranger, before [`Builder::finish`].
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), Contradiction> {
        for (id, task) in (0..).map(TaskId::new).zip(&self.tasks) {
            if !task.announced {
                return Err(Contradiction::NeverCreated(id));
            }
            if task.parent.is_some_and(|parent| parent.index() >= self.tasks.len()) {
                return Err(Contradiction::UnknownParent(id));
            }
        }
        let lost = |mark: &Mark| mark.task.is_some_and(|task| task.index() >= self.tasks.len());
        if let Some(index) = self.marks.iter().position(lost) {
            return Err(Contradiction::MarkOnUnknown(index));
        }
        let unknown = |peer: Option<TaskId>| peer.is_some_and(|peer| peer.index() >= self.tasks.len());
        if let Some(wake) = self.wakes.iter().find(|wake| unknown(wake.by)) {
            return Err(Contradiction::UnknownPeer(wake.task));
        }
        if let Some(stand) = self.stands.iter().find(|stand| unknown(stand.waits_for)) {
            return Err(Contradiction::UnknownPeer(stand.task));
        }
        let mut polls: Vec<PollRecord> = self.polls.clone();
        polls.sort_by_key(|poll| (poll.task, poll.start, poll.end));
        for pair in polls.windows(2) {
            if pair[0].task == pair[1].task && pair[1].start + limits::OVERLAP < pair[0].end {
                return Err(Contradiction::PollsOverlap(pair[0].task));
            }
        }
        Ok(())
    }

    /// Leaves out the tasks that were never created, with all that is said of them and those of their polls that are in
    /// `running`. Each thread tells its own events, so where a stream was cut off, one thread may have named a task whose
    /// creation another one had still to tell. The other tasks are numbered anew.
    pub(in crate::trace) fn leave_out_unknown(&mut self, running: &mut Vec<RunningPoll>) {
        let mut next = 0..;
        let number = |task: &Task| if task.announced { next.next().map(TaskId::new) } else { None };
        let numbers: Vec<Option<TaskId>> = self.tasks.iter().map(number).collect();
        let known = |task: TaskId| numbers.get(task.index()).copied().flatten();
        let renumber = |task: &mut TaskId| {
            let new = known(*task);
            *task = new.unwrap_or(*task);
            new.is_some()
        };
        self.tasks.retain(|task| task.announced);
        for task in &mut self.tasks {
            task.parent = task.parent.and_then(known);
        }
        self.polls.retain_mut(|poll| renumber(&mut poll.task));
        running.retain_mut(|poll| renumber(&mut poll.task));
        self.usages.retain_mut(|usage| renumber(&mut usage.task));
        self.origins.retain_mut(|(task, _)| renumber(task));
        self.wakes.retain_mut(|wake| renumber(&mut wake.task));
        for wake in &mut self.wakes {
            wake.by = wake.by.and_then(known);
        }
        self.stands.retain_mut(|stand| renumber(&mut stand.task));
        for stand in &mut self.stands {
            stand.waits_for = stand.waits_for.and_then(known);
        }
        for mark in &mut self.marks {
            mark.task = mark.task.and_then(known);
        }
    }
}
