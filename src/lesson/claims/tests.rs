use proptest::prelude::*;

use super::*;

const SCENES: &[&str] = &["in_turn", "together"];

fn relation(text: &str) -> Relation {
    parse(text, SCENES).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn of(scene: &'static str, metric: Metric) -> Measure {
    Measure::of(scene, metric)
}

#[test]
fn a_claim_compares_a_measure_with_another_with_what_was_given_or_with_a_value() {
    let wall = of("together", Metric::Wall);
    let longest = Operand::Measure(of("together", Metric::Longest));
    for (text, expected) in [
        ("together.wall <= 1.2 * together.longest", Relation::at_most(wall, 1.2, longest)),
        ("together.wall<=1.2*together.longest", Relation::at_most(wall, 1.2, longest)),
        ("1.2 * together.longest >= together.wall", Relation::at_most(wall, 1.2, longest)),
        ("  together . wall >= 0.98 * delays ", Relation::at_least(wall, 0.98, Operand::Delays)),
        ("together.wall < 2 * delay", Relation::new(wall, Bound::Below, 2.0, Operand::Delay)),
        ("together.wall > 20ms", Relation::new(wall, Bound::Above, 1.0, Operand::Time(Nanos::from_millis(20)))),
        ("1.5 s == together.wall", Relation::new(wall, Bound::Equal, 1.0, Operand::Time(Nanos(1_500_000_000)))),
        ("2 * together.wall <= 1 s", Relation::at_most(wall, 1.0, Operand::Time(Nanos::from_millis(500)))),
        (
            "together.lane(\"nap B\").polls == 2",
            Relation::new(of("together", Metric::Polls).lane("nap B"), Bound::Equal, 1.0, Operand::Number(2.0)),
        ),
        (
            "together.figure('lines') == tasks",
            Relation::new(of("together", Metric::Figure("lines")), Bound::Equal, 1.0, Operand::Tasks),
        ),
        (
            "cancelled == together.lane('B').outcome",
            Relation::new(
                of("together", Metric::Outcome).lane("B"),
                Bound::Equal,
                1.0,
                Operand::Outcome(Ending::Cancelled),
            ),
        ),
        (
            "together.ends == \"B, A\"",
            Relation::new(of("together", Metric::Ends), Bound::Equal, 1.0, Operand::Names("B, A")),
        ),
    ] {
        assert_eq!(relation(text), expected, "{text}");
    }
    // As it was written: no third of the wall.
    let turned = relation("3 * together.wall <= in_turn.wall");
    assert_eq!(turned, Relation::at_least(of("in_turn", Metric::Wall), 3.0, Operand::Measure(wall)));
    assert_eq!(parse_measure("together.wall", SCENES), Ok(wall));
}

#[test]
fn an_error_says_where_and_what_would_be_allowed() {
    for (text, at, message) in [
        ("", 0, "a measure must stand here, such as in_turn.wall, or a number"),
        ("together", 0, "say what of together, such as together.wall"),
        ("together.wall", 13, "a comparison must follow here: <=, >=, <, > or =="),
        ("together.wall = 2 s", 14, "a comparison must follow here: <=, >=, <, > or =="),
        ("together.wall <= ", 17, "a measure must stand here, such as in_turn.wall, or a number"),
        ("apart.wall <= 2 s", 0, "there is no scene \"apart\": there is in_turn, together"),
        (
            "together.length <= 2 s",
            9,
            "\"length\" cannot be measured: use wall, longest, sum, overlap, stall, held, busy, polls, threads, lanes, peak, \
             outcome, ends, figure(\"name\") or lane(\"name\").…",
        ),
        (
            "together.wall <= 1.2 together.longest",
            21,
            "\"together\" is no unit: use ns, us, ms or s, or * before a measure",
        ),
        ("together.wall <= 2 min", 19, "\"min\" is no unit: use ns, us, ms or s, or * before a measure"),
        (
            "together.wall <= 1.2",
            17,
            "a time is compared with a time: with a number and its unit (ns, us, ms, s), or with a factor times a measure",
        ),
        ("together.polls <= 2 ms", 18, "a number is compared with a number, and this is a time"),
        ("1 s <= 2 s", 0, "one side must be a measure, such as in_turn.wall"),
        ("0 * together.wall <= 2 s", 0, "a factor must be more than 0"),
        (
            "together.wall <= 2 s and in_turn.wall >= 1 s",
            21,
            "nothing can follow here; one comparison is a claim: make two claims of two",
        ),
        ("together.outcome == ended", 20, "\"ended\" means nothing here; a measure looks like in_turn.wall"),
        ("together.outcome == 2", 20, "an outcome is one of done, cancelled, failed, interrupted"),
        ("together.outcome <= done", 17, "outcome and ends can be compared with == only"),
        ("together.wall == done", 17, "only outcome is compared with how something ended"),
        ("together.ends == 3", 17, "ends is compared with names in quotes, such as \"B, A, C\""),
        (
            "together.lane(B).wall <= 1 s",
            14,
            "a lane's name in quotes and parentheses must follow here: lane(\"name\")",
        ),
        ("together.lane(\"B\") <= 1 s", 18, "a dot and what is measured of the lane must follow here, such as .wall"),
        ("together.lane(\"B).wall <= 1 s", 14, "the closing \" is missing"),
        ("together.lane(\"B\").ends == \"B\"", 19, "ends is of a whole scene, not of one lane"),
        ("together.polls <= 1.2.3", 18, "this is no number: digits and one decimal point are allowed"),
        ("together.polls <= 9999999999999999", 18, "this number is too large"),
        ("naps.wall ≤ 2 s", 0, "there is no scene \"naps\": there is in_turn, together"),
        ("together.wall ≤ 2 s", 14, "a comparison must follow here: <=, >=, <, > or =="),
    ] {
        let error = ClaimError { at, message: message.to_owned() };
        assert_eq!(parse(text, SCENES), Err(error), "{text}");
    }
    let long = format!("together.wall <= {}", "1".repeat(500));
    assert!(parse(&long, SCENES).is_err_and(|error| error.message.contains("at most 500 bytes")));
    for text in ["", "together", "2 s", "delay", "together.wall <= 2 s", "\"B\""] {
        assert!(parse_measure(text, SCENES).is_err(), "{text}");
    }
}

/// Pieces that claims are made of, and some that they are not.
const PIECES: [&str; 30] = [
    "together", "in_turn", ".", "wall", "outcome", "ends", "figure", "lane", "(", ")", "\"", "'", "B", "1.5", "2", "*",
    "<=", ">=", "==", "<", "ms", "s", "delay", "tasks", "done", " ", "é", "\u{202e}", "\0", "…",
];

proptest! {
    #[test]
    fn no_text_panics_and_each_error_stands_within_the_text(pieces in proptest::collection::vec(0..PIECES.len(), 0..20)) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        if let Err(error) = parse(&text, SCENES) {
            prop_assert!(error.at <= text.len() && text.is_char_boundary(error.at), "{:?}", error);
        }
        let _ = parse_measure(&text, SCENES);
    }

    #[test]
    fn no_characters_at_all_panic(text in "\\PC{0,60}") {
        if let Err(error) = parse(&text, SCENES) {
            prop_assert!(text.is_char_boundary(error.at), "{:?}", error);
        }
    }
}
