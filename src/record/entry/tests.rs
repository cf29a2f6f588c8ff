//! Entries are unpacked as they were packed, whatever they hold.

use proptest::prelude::*;

use super::*;

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<u64>().prop_map(Value::Unsigned),
        any::<i64>().prop_map(Value::Signed),
        (-1e300..1e300f64).prop_map(Value::Float),
        ".*".prop_map(|text| Value::Text(text.into())),
    ]
}

fn entry() -> impl Strategy<Value = Entry<'static>> {
    let lane = any::<u32>;
    let text = || ".*".prop_map(Cow::from);
    let ticks = || prop_oneof![0..300u64, any::<u64>()];
    let end = prop_oneof![
        Just(LaneEnd::Dropped),
        Just(LaneEnd::Closed),
        Just(LaneEnd::ClosedAfterSeveral),
        Just(LaneEnd::ClosedUnfinished)
    ];
    let fields = prop::collection::vec((0..9usize, value()), 0..4);
    prop_oneof![
        (lane(), any::<Option<u32>>(), any::<u8>(), text()).prop_map(|(lane, parent, kind, name)| {
            let parent = parent.map(|parent| parent >> 1);
            Entry::Created { lane, parent, kind, name }
        }),
        lane().prop_map(|lane| Entry::Spawned { lane }),
        (lane(), ticks(), any::<bool>()).prop_map(|(lane, ticks, ready)| Entry::Polled { lane, ticks, ready }),
        (0..40u32, ticks()).prop_map(|(lane, ticks)| Entry::Polled { lane, ticks, ready: false }),
        (lane(), ticks(), text()).prop_map(|(lane, ticks, message)| Entry::Panicked { lane, ticks, message }),
        lane().prop_map(|lane| Entry::Woken { lane }),
        (lane(), ticks(), any::<u64>(), any::<u64>()).prop_map(|(lane, ticks, computed, preempted)| {
            Entry::Used { lane, usage: UsageEntry { ticks, computed, preempted } }
        }),
        (lane(), end).prop_map(|(lane, how)| Entry::Ended { lane, how }),
        (any::<Option<u32>>(), 0..9usize, text(), fields).prop_map(|(lane, site, text, fields)| Entry::Marked {
            lane,
            site,
            text,
            fields
        }),
    ]
}

fn encode(encoder: &mut Encoder, at: u64, entry: &Entry<'_>, out: &mut Vec<u8>) {
    match entry {
        Entry::Created { lane, parent, kind, name } => {
            encoder.created(at, &NewLane { lane: *lane, parent: *parent, kind: *kind, name }, out);
        }
        Entry::Spawned { lane } => encoder.spawned(at, *lane, out),
        Entry::Polled { lane, ticks, ready } => encoder.polled(at, *lane, *ticks, *ready, out),
        Entry::Woken { lane } => encoder.woken(at, *lane, out),
        Entry::Panicked { lane, ticks, message } => encoder.panicked(at, *lane, *ticks, message, out),
        Entry::Used { lane, usage } => {
            let before = out.len();
            encoder.used(at, *lane, *usage, &mut *out);
            assert!(out.len() - before <= SHORT + SHORT, "the log makes room for so much");
        }
        Entry::Ended { lane, how } => encoder.ended(at, *lane, *how, out),
        Entry::Marked { lane, site, text, fields } => {
            let said = Said { text: text.clone(), fields: fields.clone() };
            let before = out.len();
            encoder.marked(at, *lane, *site, &said, &mut *out);
            assert!(out.len() - before <= SHORT + SHORT + said.len(), "the log makes room for so much");
        }
    }
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked(steps in prop::collection::vec((0..1u64 << 40, entry()), 0..50)) {
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        let (mut at, mut bytes, mut expected) = (0, Vec::new(), Vec::new());
        for (step, entry) in steps {
            at += step;
            encode(&mut encoder, at, &entry, &mut bytes);
            expected.push((at, entry));
        }
        let mut rest = bytes.as_slice();
        let unpacked: Vec<_> = std::iter::from_fn(|| decoder.decode(&mut rest)).collect();
        prop_assert_eq!(unpacked, expected);
    }
}

#[test]
fn time_that_runs_backwards_stands_still() {
    let (mut encoder, mut decoder, mut bytes) = (Encoder::default(), Decoder::default(), Vec::new());
    for at in [100, 90, 110] {
        encoder.woken(at, 1, &mut bytes);
    }
    let mut rest = bytes.as_slice();
    let times: Vec<_> = std::iter::from_fn(|| decoder.decode(&mut rest)).map(|(at, _)| at).collect();
    assert_eq!(times, [100, 100, 110]);
}

#[test]
fn a_poll_among_near_lanes_takes_six_bytes_at_most() {
    let (mut encoder, mut bytes) = (Encoder::default(), Vec::new());
    encoder.polled(1_000, 10, 100, false, &mut bytes);
    let before = bytes.len();
    encoder.polled(1_300, 14, 250, false, &mut bytes);
    assert!(bytes.len() - before <= 6);
}
