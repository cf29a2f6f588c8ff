//! What fits: no line wider than the page, no character that it cannot show.

use unicode_width::UnicodeWidthStr as _;

use crate::program::{
    Ran, ag, ag_reading, asyncguide, borrowed, check, command, everything_to_say, fixture, misbehaving, run,
};

const WIDTHS: [&str; 4] = ["20", "40", "80", "200"];

/// Scripts, manual pages and documents are for other programs: their lines are as long as they are.
fn is_for_people(arguments: &[String]) -> bool {
    let program_reads = ["completions", "man", "--python", "--format"];
    arguments.iter().any(|word| word == "--help")
        || !arguments.iter().any(|word| program_reads.contains(&word.as_str()))
}

#[track_caller]
fn check_width(ran: &Ran, width: &str, arguments: &[&str]) {
    let most: usize = width.parse().expect("it is a number");
    for line in ran.out.lines() {
        assert!(line.width() <= most, "{arguments:?}, {} of {width} columns: {line:?}", line.width());
    }
}

#[test]
fn p14_no_line_is_wider_than_the_page() {
    for arguments in everything_to_say().into_iter().filter(|arguments| is_for_people(arguments)) {
        let arguments = borrowed(&arguments);
        for width in WIDTHS {
            let asked = ag(&[&arguments as &[&str], &["--width", width]].concat());
            check_width(&asked, width, &arguments);
            let mut command = command(asyncguide(), &arguments);
            command.env("COLUMNS", width);
            check_width(&run(command), width, &arguments);
        }
    }
}

#[test]
fn p14_nor_when_lanes_have_names_of_any_kind() {
    for lesson in ["hostile", "panics", "fails", "hogs", "many"] {
        for width in WIDTHS {
            for by in ["task", "thread"] {
                let arguments = ["lesson", lesson, "--delay", "2ms", "--by", by, "--width", width];
                check_width(&fixture(&arguments), width, &arguments);
            }
            let mut command = command(misbehaving(), &["lesson", lesson, "--tasks", "100", "--delay", "2ms"]);
            command.env("COLUMNS", width);
            check_width(&run(command), width, &[lesson]);
        }
    }
    for width in WIDTHS {
        let arguments = ["lesson", "spawn", "--delay", "1ms", "--width", width];
        check_width(&ag_reading(&arguments, "日本語\n👩\u{200d}💻\na\n"), width, &arguments);
    }
}

#[test]
fn p14_the_asked_width_wins_over_columns_and_both_over_eighty() {
    let widest = |option: &[&str], columns: Option<&str>| {
        let mut command = command(asyncguide(), &[&["lesson", "gather", "--clock", "virtual"], option].concat());
        command.envs(columns.map(|columns| ("COLUMNS", columns)));
        run(command).out.lines().map(|line| line.width()).max()
    };
    // The line with the lesson's name reaches from one edge to the other.
    assert_eq!(widest(&[], None), Some(80));
    assert_eq!(widest(&[], Some("100")), Some(100));
    assert_eq!(widest(&["--width", "90"], Some("100")), Some(90));
    assert_eq!(widest(&[], Some("nonsense")), Some(80));
    // Too narrow, or too wide, to draw anything: as near to it as can be.
    assert_eq!(widest(&[], Some("5")), Some(20));
    assert_eq!(widest(&[], Some("100000")), Some(500));
}

#[test]
fn p14_no_figure_is_cut_on_the_narrowest_page() {
    let ran = ag(&["lesson", "gather", "--clock", "virtual", "--delay", "100ms", "--width", "20", "-q"]);
    let figures: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("  task time")).collect();
    assert_eq!(figures, ["  task time 200.0 ms", "  task time 200.0 ms", "  task time 400.0 ms"]);
}

#[test]
fn p14_wide_names_align() {
    let ran = fixture(&["lesson", "hostile", "--clock", "virtual", "-q"]);
    let lanes: Vec<&str> = ran.out.lines().filter(|line| line.ends_with("done")).collect();
    assert_eq!(lanes.len(), 10, "{}", ran.out);
    for lane in &lanes {
        let start = lane.find('━').map(|at| lane[..at].width());
        assert_eq!((lane.width(), start), (lanes[0].width(), lanes[0].find('━')), "{lane}");
    }
    check(&ran.out, lanes.iter().any(|lane| lane.contains('日')), "there are wide names");
}

#[test]
fn p15_an_ascii_page_is_ascii() {
    for arguments in everything_to_say() {
        let arguments = borrowed(&arguments);
        let asked = ag(&[&arguments as &[&str], &["--ascii"]].concat());
        let mut command = command(asyncguide(), &arguments);
        command.env("LC_ALL", "C").env("LANG", "en_GB.UTF-8");
        for said in [asked.both(), run(command).both()] {
            check(&said, said.is_ascii(), "it is ASCII");
        }
    }
    for lesson in ["hostile", "panics", "fails", "hogs"] {
        for options in
            [&["--by", "task", "-v"] as &[&str], &["--by", "thread"], &["--format", "json"], &["--format", "html"]]
        {
            let ran = fixture(&[&["lesson", lesson, "--delay", "2ms", "--ascii"], options].concat());
            check(&ran, ran.both().is_ascii(), "it is ASCII");
        }
    }
    let echoes = ag_reading(&["lesson", "spawn", "--delay", "1ms", "--ascii", "-v"], "naïve 日本\n");
    check(&echoes, echoes.both().is_ascii() && echoes.out.contains("na?ve ??"), "it is ASCII");
    let mistake = ag(&["lesson", "gäther", "--ascii"]);
    check(&mistake, mistake.err.is_ascii() && mistake.err.contains("g?ther"), "it is ASCII");
}

#[test]
fn p15_the_locale_decides_and_its_more_special_variable_wins() {
    for (variables, unicode) in [
        (&[] as &[(&str, &str)], true),
        (&[("LANG", "C")], false),
        (&[("LANG", "de_DE.UTF-8")], true),
        (&[("LANG", "de_DE.ISO-8859-1")], false),
        (&[("LC_CTYPE", "C.utf8"), ("LANG", "C")], true),
        (&[("LC_ALL", "POSIX"), ("LC_CTYPE", "C.UTF-8")], false),
        (&[("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8")], true),
    ] {
        let mut command = command(asyncguide(), &["lesson", "gather", "--clock", "virtual", "-q"]);
        command.envs(variables.iter().copied());
        assert_eq!(!run(command).out.is_ascii(), unicode, "{variables:?}");
    }
}
