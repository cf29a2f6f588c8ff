//! One thread's log: bytes that its thread alone appends and that anyone may read meanwhile, without a lock.
//!
//! A stamp costs a handful of plain stores: the bytes lie in atomics that only the owning thread writes (relaxed),
//! and the chunk's length is published after them (release), so a reader that sees the length sees the bytes. That
//! is a single-writer log in safe Rust. A mutex is taken only when a chunk is full. The log knows tasks and clocks as
//! numbers only; `entry.rs` gives them a form, `local.rs` writes them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use tracing::Metadata;

use super::entry::{SHORT, Sink};
use super::moment::{LastLook, Running};

/// The first chunk is small, since a lesson may start two thousand threads of which each stamps twice.
const FIRST_CHUNK: usize = 256;
/// Later ones grow up to this, so that a busy thread rarely allocates.
const LARGEST_CHUNK: usize = 64 * 1024;

/// The log of one thread for one recorder.
#[derive(Debug)]
pub(super) struct ThreadLog {
    pub(super) id: ThreadId,
    pub(super) name: String,
    chunks: Mutex<Chunks>,
    /// Where this thread's marks come from; a mark holds the index.
    sites: Mutex<Vec<&'static Metadata<'static>>>,
    running: Running,
    look: LastLook,
}

impl ThreadLog {
    /// Returns an empty log for the calling thread, which is called as the thread is, unless it gets a `name`.
    pub(super) fn new(name: Option<String>) -> Self {
        let thread = thread::current();
        ThreadLog {
            id: thread.id(),
            name: name.unwrap_or_else(|| thread.name().unwrap_or("unnamed").to_owned()),
            chunks: Mutex::default(),
            sites: Mutex::default(),
            running: Running::default(),
            look: LastLook::default(),
        }
    }

    /// Returns what the thread's meter saw last.
    pub(super) fn look(&self) -> &LastLook {
        &self.look
    }

    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    /// Returns the number of `site` in this log. A thread has few sites, and mostly the last one speaks again.
    pub(super) fn site(&self, site: &'static Metadata<'static>) -> usize {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sites.iter().rposition(|known| known.callsite() == site.callsite());
        known.unwrap_or_else(|| {
            sites.push(site);
            sites.len() - 1
        })
    }

    pub(super) fn site_at(&self, index: usize) -> Option<&'static Metadata<'static>> {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner).get(index).copied()
    }

    fn grow(&self, at_least: usize) -> Arc<Chunk> {
        let mut chunks = self.chunks();
        let next = chunks.held.back().map_or(FIRST_CHUNK, |last| (last.bytes.len() * 4).min(LARGEST_CHUNK));
        let chunk = Arc::new(Chunk::new(next.max(at_least)));
        chunks.held.push_back(Arc::clone(&chunk));
        chunk
    }

    /// Returns the chunk of this number, from 0; none if it does not exist yet, or not any more.
    fn chunk(&self, number: usize) -> Option<Arc<Chunk>> {
        let chunks = self.chunks();
        chunks.held.get(number.checked_sub(chunks.freed)?).cloned()
    }

    /// Frees the chunks whose numbers are lower.
    fn free_before(&self, number: usize) {
        let mut chunks = self.chunks();
        while chunks.freed < number && chunks.held.pop_front().is_some() {
            chunks.freed += 1;
        }
    }

    fn chunks(&self) -> MutexGuard<'_, Chunks> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The chunks of a log, but those that were freed.
#[derive(Debug, Default)]
struct Chunks {
    /// How many were freed: the number of the first that is held.
    freed: usize,
    held: VecDeque<Arc<Chunk>>,
}

#[derive(Debug)]
struct Chunk {
    bytes: Box<[AtomicU8]>,
    len: AtomicUsize,
}

impl Chunk {
    fn new(size: usize) -> Self {
        Chunk { bytes: (0..size).map(|_| AtomicU8::new(0)).collect(), len: AtomicUsize::new(0) }
    }
}

/// The writing end of a [`ThreadLog`]. It lives in the log's thread.
#[derive(Debug)]
pub(super) struct Writer {
    log: Arc<ThreadLog>,
    chunk: Arc<Chunk>,
    len: usize,
    /// The polls under way that are too deep for readers, in the order in which they began.
    deeper: Vec<(u32, u64)>,
}

impl Writer {
    pub(super) fn new(log: Arc<ThreadLog>) -> Self {
        let chunk = log.grow(0);
        Writer { log, chunk, len: 0, deeper: Vec::new() }
    }

    /// Notes that a poll of `lane` begins at the tick `since`, within those that are under way.
    #[inline]
    pub(super) fn enter(&mut self, lane: u32, since: u64) {
        if !self.log.running.push(lane, since) {
            self.deeper.push((lane, since));
        }
    }

    /// Notes that the innermost poll is over.
    #[inline]
    pub(super) fn leave(&mut self) {
        if self.log.running.pop() {
            self.deeper.pop();
        }
    }

    /// Returns how many polls are under way.
    #[inline]
    pub(super) fn depth(&self) -> u32 {
        self.log.running.depth()
    }

    /// Returns the innermost poll: the lane that this thread works for right now, and the tick since when.
    #[inline]
    pub(super) fn innermost(&self) -> Option<(u32, u64)> {
        self.deeper.last().copied().or_else(|| self.log.running.all().next_back())
    }

    pub(super) fn log(&self) -> &ThreadLog {
        &self.log
    }

    /// Makes room for one entry without text, to be written as it is encoded.
    ///
    /// An entry never spans two chunks, and a reader sees all of it or nothing.
    #[inline]
    pub(super) fn short(&mut self) -> Room<'_> {
        self.room(SHORT)
    }

    /// Makes room for an entry with `bytes` bytes of text and fields in it.
    pub(super) fn long(&mut self, bytes: usize) -> Room<'_> {
        self.room(SHORT + SHORT + bytes)
    }

    #[inline]
    fn room(&mut self, at_most: usize) -> Room<'_> {
        if self.chunk.bytes.len() - self.len < at_most {
            self.chunk = self.log.grow(at_most);
            self.len = 0;
        }
        Room { chunk: &self.chunk, len: &mut self.len }
    }
}

/// Room for an entry that is being written. Readers see the entry once this is dropped.
pub(super) struct Room<'a> {
    chunk: &'a Chunk,
    len: &'a mut usize,
}

impl Sink for Room<'_> {
    #[inline]
    fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.chunk.bytes.get(*self.len) {
            slot.store(byte, Ordering::Relaxed);
            *self.len += 1;
        }
    }
}

impl Drop for Room<'_> {
    #[inline]
    fn drop(&mut self) {
        self.chunk.len.store(*self.len, Ordering::Release);
    }
}

/// The position of a reader in a [`ThreadLog`].
#[derive(Debug, Default)]
pub(super) struct Cursor {
    chunk: usize,
    read: usize,
    /// Whether chunks that were read are freed. No other reader gets them, then.
    frees: bool,
}

impl Cursor {
    /// Returns a cursor at the beginning, which frees what it has read if `frees` is true.
    pub(super) fn new(frees: bool) -> Self {
        Cursor { frees, ..Cursor::default() }
    }

    /// Returns the bytes of one chunk that were appended since the last call; none if there are none.
    pub(super) fn next_bytes(&mut self, log: &ThreadLog) -> Option<Vec<u8>> {
        loop {
            let chunk = log.chunk(self.chunk)?;
            // The order matters: once a later chunk exists, this one's length is final.
            let full = log.chunk(self.chunk + 1).is_some();
            let len = chunk.len.load(Ordering::Acquire);
            if self.read < len {
                let bytes = chunk.bytes[self.read..len].iter().map(|byte| byte.load(Ordering::Relaxed));
                let bytes = bytes.collect();
                self.read = len;
                return Some(bytes);
            }
            if !full {
                return None;
            }
            self.chunk += 1;
            self.read = 0;
            if self.frees {
                log.free_before(self.chunk);
            }
        }
    }

    /// Returns how many bytes `log` holds, for the bench of recording.
    pub(super) fn bytes_held(log: &ThreadLog) -> usize {
        log.chunks().held.iter().map(|chunk| chunk.len.load(Ordering::Acquire)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_every_byte_in_order_while_the_writer_goes_on() {
        let log = Arc::new(ThreadLog::new(None));
        let reading = Arc::clone(&log);
        let (done, finished) = std::sync::mpsc::channel::<()>();
        let reader = thread::spawn(move || {
            let (mut cursor, mut seen) = (Cursor::default(), Vec::new());
            loop {
                let last_round = finished.try_recv() != Err(std::sync::mpsc::TryRecvError::Empty);
                while let Some(bytes) = cursor.next_bytes(&reading) {
                    seen.extend(bytes);
                }
                if last_round {
                    return seen;
                }
            }
        });
        let mut writer = Writer::new(Arc::clone(&log));
        let records: Vec<Vec<u8>> = (0..20_000u32).map(|n| n.to_le_bytes()[..(n % 4 + 1) as usize].to_vec()).collect();
        for record in &records {
            let mut out = writer.short();
            record.iter().for_each(|byte| out.byte(*byte));
        }
        drop(done);
        assert_eq!(reader.join().expect("the reader lives"), records.concat());
    }

    #[test]
    fn a_record_larger_than_any_chunk_is_kept_whole() {
        let log = Arc::new(ThreadLog::new(None));
        let mut writer = Writer::new(Arc::clone(&log));
        let long = "x".repeat(LARGEST_CHUNK * 2);
        writer.short().byte(7);
        long.bytes().fold(writer.long(long.len()), |mut out, byte| {
            out.byte(byte);
            out
        });
        let mut cursor = Cursor::default();
        assert_eq!(cursor.next_bytes(&log).expect("the first"), [7]);
        assert_eq!(cursor.next_bytes(&log).expect("the second").len(), long.len());
        assert!(cursor.next_bytes(&log).is_none());
    }
}
