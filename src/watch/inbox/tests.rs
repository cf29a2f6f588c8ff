use std::io::Write as _;

use super::*;

const RUN: &str = r#"{"event":"run","schema":1,"program":"p","lesson":"mine","clock":"real","inputs":{"tasks":0,"delay":0}}
{"event":"scene","scene":"main","title":"main()","file":"f","runtime":{"name":"other","flavor":"current_thread","workers":1}}
{"event":"thread","thread":0,"name":"main"}
{"event":"created","task":0,"at":0,"kind":"future","name":"A"}
"#;
const END: &str = r#"{"event":"scene_end","scene":"main","wall":9000,"outcome":"done"}
"#;

/// An inbox with these limits, and what its socket lies in.
fn inbox(limits: Limits) -> (Inbox, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let socket = folder.path().join("socket");
    let listener = UnixListener::bind(&socket).expect("it can be bound");
    let inbox = Inbox::open(listener, socket, folder.path().to_owned(), limits).expect("it can be opened");
    (inbox, folder)
}

/// Writes a stream with so many polls. Panics if nothing takes it.
fn write(folder: &tempfile::TempDir, polls: u64) {
    let mut stream = UnixStream::connect(folder.path().join("socket")).expect("it listens");
    stream.set_write_timeout(Some(Duration::from_secs(60))).expect("it has a time-out");
    stream.write_all(RUN.as_bytes()).expect("it is taken");
    for at in 0..polls {
        let poll = format!("{{\"event\":\"poll\",\"task\":0,\"thread\":0,\"start\":{at},\"end\":{at}}}\n");
        stream.write_all(poll.as_bytes()).expect("it is taken");
    }
    stream.write_all(END.as_bytes()).expect("it is taken");
}

fn polls(received: &Received) -> usize {
    let trace = received.trace.as_ref().expect("it has begun as a stream");
    trace.scenes[0].polls(&trace.scenes[0].tasks[0]).len()
}

#[test]
fn w6_what_is_beyond_the_limit_of_bytes_is_taken_and_not_kept() {
    let (inbox, folder) = inbox(Limits { bytes: 100_000, ..LIMITS });
    // Ten times as much as is kept, and more than the socket holds.
    write(&folder, 20_000);
    write(&folder, 20_000);
    let (received, refused) = inbox.close();
    assert_eq!(refused, 0);
    assert!(received.iter().all(|received| received.ending == Ending::Full), "{received:.300?}");
    let kept: usize = received.iter().filter(|received| received.trace.is_some()).map(polls).sum();
    assert!((1_000..3_000).contains(&kept), "{kept} polls are kept of both");
}

#[test]
fn w6_more_processes_than_the_limit_are_counted_and_turned_away() {
    let (inbox, folder) = inbox(Limits { processes: 2, ..LIMITS });
    write(&folder, 10);
    write(&folder, 10);
    drop(UnixStream::connect(folder.path().join("socket")).expect("it listens"));
    let (received, refused) = inbox.close();
    let endings: Vec<_> = received.iter().map(|received| (&received.ending, polls(received))).collect();
    assert_eq!(endings, [(&Ending::Whole, 10), (&Ending::Whole, 10)]);
    // The connection by which closing wakes the inbox is turned away, too.
    assert_eq!(refused, 2);
}

#[test]
fn w6_a_stream_that_never_ends_is_not_waited_for() {
    let (inbox, folder) = inbox(LIMITS);
    let mut stream = UnixStream::connect(folder.path().join("socket")).expect("it listens");
    stream.write_all(RUN.as_bytes()).expect("it is taken");
    let since = Instant::now();
    let (received, _) = inbox.close();
    assert!(since.elapsed() < 10 * PATIENCE);
    assert_eq!(received[0].ending, Ending::StillRuns);
    assert_eq!(polls(&received[0]), 0, "what it has written is kept");
}
