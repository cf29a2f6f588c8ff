//! What there is to ask for, and what asking wrongly leads to.

use std::process::Stdio;

use crate::program::{ag, asyncguide, check, command, commands, end, fixture, lessons, run, spawn, there_is};

#[test]
fn p1_alone_it_shows_what_it_is_and_what_to_try_and_never_waits_for_input() {
    let mut command = command(asyncguide(), &[]);
    // A pipe that nobody writes to and that stays open until the program has ended.
    let ran = end(spawn(command.stdin(Stdio::piped())));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    check(&ran.out, ran.out.starts_with("asyncguide "), "it says its name first");
    let named = |name: &String| ran.out.lines().any(|line| line.split_whitespace().nth(1) == Some(name));
    check(&ran.out, lessons().iter().all(named), "it names all lessons");
    let tour = ran.out.find("asyncguide tour");
    check(&ran.out, tour.is_some() && tour < ran.out.find("asyncguide lesson"), "the tour comes first");
    let attempt = ran.out.lines().find_map(|line| line.trim().strip_prefix("One of them: asyncguide "));
    let attempt: Vec<&str> =
        attempt.expect("it names a command to try").split(' ').chain(["--clock", "virtual"]).collect();
    assert_eq!(ag(&attempt).code, 0);
}

#[test]
fn p3_the_version_is_one_line() {
    for option in ["-V", "--version"] {
        let ran = ag(&[option]);
        let version = format!("asyncguide {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!((ran.code, ran.out, ran.err), (0, version, String::new()));
    }
}

#[test]
fn p4_exit_codes_tell_done_from_failed_from_misused() {
    let done: [&[&str]; 3] = [&["list"], &["lesson", "gather", "--clock", "virtual"], &["lesson", "gather", "--help"]];
    let misused: [&[&str]; 6] = [
        &["lesson", "nope"],
        &["lesson"],
        &["nope"],
        &["list", "--nope"],
        &["lesson", "gather", "--tasks", "many"],
        &["lesson", "gather", "--limit", "3"],
    ];
    for (arguments, code) in done.into_iter().map(|done| (done, 0)).chain(misused.map(|misused| (misused, 2))) {
        let ran = ag(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:#?}");
        assert_eq!(ran.err.is_empty(), code == 0, "{arguments:?}: {ran:#?}");
    }
    for lesson in ["fails", "panics"] {
        for options in
            [vec![], vec!["-q"], vec!["--by", "thread"], vec!["--format", "json"], vec!["--clock", "virtual"]]
        {
            let arguments = [vec!["lesson", lesson], options].concat();
            let ran = fixture(&arguments);
            assert_eq!(ran.code, 1, "{arguments:?}: {ran:#?}");
        }
    }
    let help = ag(&["lesson", "--help"]).out;
    let documented = "0 done   1 a claim or a task failed   2 usage or bad input   130 interrupted";
    check(&help, help.contains(documented), "the codes are documented");
}

#[cfg(unix)]
#[test]
fn p4_an_interrupted_run_ends_with_130_and_says_what_it_saw() {
    use crate::program::{lines, wait_for};
    use std::io::Write as _;
    let mut command = command(asyncguide(), &["lesson", "spawn", "--delay", "1h", "--limit", "1", "-v"]);
    let mut child = spawn(command.stdin(Stdio::piped()));
    child.stdin.as_mut().expect("it is a pipe").write_all(b"a line\n").expect("it reads");
    let log = lines(child.stderr.take().expect("it is a pipe"));
    // Said when the line has its task.
    wait_for(&log, &mut child, |line| line.ends_with("reads on when an echo is out"));
    let kill = crate::program::command("kill", &["-INT", &child.id().to_string()]);
    assert_eq!(run(kill).code, 0);
    let ran = end(child);
    assert_eq!(ran.code, 130, "{ran:#?}");
    let lane = ran.out.lines().find(|line| line.trim_start().starts_with("a line "));
    check(&ran.out, lane.is_some_and(|lane| lane.ends_with("interrupted")), "the open task is on the picture");
}

#[test]
fn p5_a_typo_gets_a_suggestion() {
    for (arguments, meant) in [
        (&["lits"] as &[&str], "'list'"),
        (&["lesson", "gahter"], "'gather'"),
        (&["show", "sequental"], "'sequential'"),
        (&["lesson", "gather", "--taks", "3"], "'--tasks'"),
        (&["completions", "bsh"], "'bash'"),
    ] {
        let ran = ag(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        let suggested = ran.err.lines().any(|line| line.trim().starts_with("tip: a similar") && line.contains(meant));
        check(&ran.err, suggested, "it suggests what was meant");
    }
}

#[test]
fn names_that_people_try_are_lessons_too() {
    for (alias, name) in [("echo", "spawn"), ("sleep", "sequential"), ("join", "gather")] {
        assert_eq!(ag(&["show", alias]).out, ag(&["show", name]).out);
    }
}

#[test]
fn p16_quiet_leaves_out_prose_and_no_result() {
    let all = ag(&["lesson", "gather", "--clock", "virtual"]);
    let quiet = ag(&["lesson", "gather", "--clock", "virtual", "-q"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
    // Every line of the results is in the full report, in the same order.
    let mut lines = all.out.lines();
    check(&all.out, quiet.out.lines().all(|line| lines.any(|full| full == line)), "the results are the same");
    for prose in
        ["gather · wait", "Three scenes take naps", "Every lane begins at the left", "What to notice", "Next: "]
    {
        check(&all.out, all.out.contains(prose), prose);
        check(&quiet.out, !quiet.out.contains(prose), prose);
    }
    let results = ["1  One after another", "━ waiting", "task time", "✓ naps started together took"];
    check(&quiet.out, results.iter().all(|result| quiet.out.contains(result)), "results");
    check(&quiet.out, !quiet.out.contains("asyncguide lesson"), "no advice");
}

#[test]
fn p16_logs_are_added_on_request_and_a_bad_filter_is_an_error() {
    let lesson = ["lesson", "gather", "--clock", "virtual"];
    let with = |options: &[&str], filter: Option<&str>| {
        let mut command = command(asyncguide(), &[&lesson, options].concat());
        command.envs(filter.map(|filter| ("ASYNCGUIDE_LOG", filter)));
        run(command)
    };
    let silent = with(&[], None);
    assert_eq!(silent.err, "");
    for (options, filter, logs) in [
        (&["-v"] as &[&str], None, true),
        (&["--log", "info"], None, true),
        (&[], Some("info"), true),
        (&[], Some("asyncguide=info"), true),
        (&[], Some("warn"), false),
        (&[], Some("other=trace"), false),
        (&["--log", "off"], Some("info"), false),
    ] {
        let ran = with(options, filter);
        assert_eq!((ran.code, &ran.out), (0, &silent.out), "{options:?} {filter:?}");
        assert_eq!(ran.err.contains("falls asleep"), logs, "{options:?} {filter:?}: {}", ran.err);
    }
    let mut list = command(asyncguide(), &["list"]);
    list.env("ASYNCGUIDE_LOG", "[");
    let ran = run(list);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    check(&ran.err, ran.err.contains("filter"), "it says what is wrong");
}

#[test]
fn doctor_finds_no_more_than_one_processor_where_there_is_one() {
    if !there_is("taskset") {
        return;
    }
    let program = asyncguide();
    let program = program.to_str().expect("UTF-8");
    for _ in 0..3 {
        let ran = run(command("taskset", &["-c", "0", program, "doctor", "--ascii"]));
        let line = ran.out.lines().find(|line| line.contains("two threads compute")).expect("it measures that");
        let gain = line.split_whitespace().find_map(|word| word.parse::<f64>().ok());
        assert!(ran.code == 0 && gain.is_some_and(|gain| gain <= 1.0), "{line}");
    }
}

#[test]
fn p18_off_a_terminal_nothing_is_asked() {
    for option in [&["--predict"] as &[&str], &[]] {
        let mut command = command(asyncguide(), &[&["lesson", "gather", "--clock", "virtual"], option].concat());
        let ran = end(spawn(command.stdin(Stdio::piped())));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        check(&ran.out, !ran.out.contains("guess"), "no question");
    }
}

#[test]
fn p19_habits_have_a_variable_that_help_shows_and_an_option_overrules() {
    let virtual_clock = ["--clock", "virtual"];
    // An option, what it can be given; a second thing that it can be given, which makes a difference.
    for (option, habit, exception) in [
        ("tasks", "3", "4"),
        ("delay", "30ms", "40ms"),
        ("clock", "virtual", "real"),
        ("by", "thread", "task"),
        ("format", "json", "text"),
        ("color", "always", "never"),
        ("width", "60", "100"),
        ("log", "info", "off"),
    ] {
        let (long, variable) = (format!("--{option}"), format!("ASYNCGUIDE_{}", option.to_uppercase()));
        let help = ag(&["lesson", "--help"]).out;
        check(&help, help.contains(&format!("[env: {variable}]")), "help shows the variable");
        let other: &[&str] = if option == "clock" { &["--delay", "1ms"] } else { &virtual_clock };
        let lesson = [&["lesson", "gather"], other].concat();
        let say = |options: &[&str], habit: Option<&str>| {
            let mut command = command(asyncguide(), &[&lesson, options].concat());
            command.envs(habit.map(|habit| (&variable, habit)));
            essence(&run(command).both())
        };
        let (with_option, with_exception) = (say(&[&long, habit], None), say(&[&long, exception], None));
        assert_ne!(with_option, with_exception, "{option} makes a difference");
        assert_eq!(say(&[], Some(habit)), with_option, "{variable} does as {long}");
        assert_eq!(say(&[&long, exception], Some(habit)), with_exception, "{long} overrules {variable}");
    }
}

/// `said` without what differs from run to run: moments in logs, and everything measured on the real clock.
fn essence(said: &str) -> String {
    if !said.contains("On the virtual clock") && !said.starts_with('{') && !said.contains("INFO") {
        return "a run on the real clock".to_owned();
    }
    let without_moment = |line: &str| line.split_once("  INFO ").map_or(line, |(_, rest)| rest).to_owned();
    said.lines().map(without_moment).collect::<Vec<_>>().join("\n")
}

#[test]
fn p19_switches_have_a_variable_too() {
    for (variable, option) in [("ASYNCGUIDE_ASCII", "--ascii"), ("ASYNCGUIDE_QUIET", "-q")] {
        let lesson = ["lesson", "gather", "--clock", "virtual"];
        let with = |value: &str| {
            let mut command = command(asyncguide(), &lesson);
            command.env(variable, value);
            run(command).out
        };
        assert_eq!(with("1"), ag(&[&lesson as &[&str], &[option]].concat()).out);
        assert_eq!(with("0"), ag(&lesson).out);
    }
    let help = ag(&["lesson", "--help"]).out;
    for variable in ["ASYNCGUIDE_ASCII", "ASYNCGUIDE_QUIET", "ASYNCGUIDE_NO_PREDICT"] {
        check(&help, help.contains(&format!("[env: {variable}]")), variable);
    }
}

#[test]
fn p19_a_variable_that_a_lesson_has_no_use_for_is_no_mistake_and_an_option_is() {
    let mut habit = command(asyncguide(), &["lesson", "spawn", "--delay", "1ms"]);
    habit.env("ASYNCGUIDE_TASKS", "3");
    assert_eq!(run(habit).code, 0);
    let ran = ag(&["lesson", "spawn", "--tasks", "3"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    check(&ran.err, ran.err.contains("--tasks"), "it names the option");
}

#[test]
fn s13_what_is_beyond_a_limit_is_refused_and_the_limit_named() {
    let times = ["0ms", "999us", "2h", "1h1ms", "nan", "inf", "99999999999999999999s", "1e12s"];
    let counts = ["0", "1000001", "1e12", "18446744073709551616", "99999999999999999999999", "1.5", "NaN"];
    let widths = ["0", "19", "501", "18446744073709551616"];
    let tries = (times.map(|time| ("gather", "--delay", time, "1ms to 1h")).into_iter())
        .chain(times.map(|time| ("spawn", "--for", time, "1ms to 1h")))
        .chain(counts.map(|count| ("gather", "--tasks", count, "1 to 1000000")))
        .chain(counts.map(|count| ("spawn", "--limit", count, "1 to 1000000")))
        .chain(widths.map(|width| ("gather", "--width", width, "20 to 500")));
    for (lesson, option, value, limits) in tries {
        let ran = ag(&["lesson", lesson, option, value]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{option} {value}");
        check(&ran.err, ran.err.contains(limits), "it names the limits");
    }
}

#[test]
fn a_scene_that_cannot_be_shown_is_skipped_or_refused_with_its_reason() {
    let skipped = ag(&["lesson", "sequential", "--clock", "virtual"]);
    assert_eq!(skipped.code, 0);
    check(&skipped.out, skipped.out.contains("Skipped: it needs the real clock: a blocking sleep"), "skipped");
    let refused = ag(&["lesson", "spawn", "--clock", "virtual"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    check(&refused.err, refused.err.contains("it needs the real clock"), "refused");
}

#[test]
fn every_commands_help_begins_as_the_list_says() {
    let listed = ag(&["--help", "--width", "200"]).out;
    for name in commands() {
        let line = listed.lines().find_map(|line| line.strip_prefix(&format!("  {name} ")));
        let about = line.unwrap_or_else(|| panic!("{name} is listed: {listed}")).trim();
        let help = ag(&[&name, "--help", "--width", "200"]).out;
        assert!(help.starts_with(about), "{name}: {about}, not {help}");
    }
}

#[test]
fn every_command_is_on_the_list_in_the_help() {
    let listed = [
        "list",
        "lesson",
        "tour",
        "exercise",
        "compare",
        "watch",
        "replay",
        "schema",
        "doctor",
        "show",
        "new",
        "check",
        "site",
        "completions",
        "man",
    ];
    assert_eq!(commands(), listed);
}

#[test]
fn commands_are_recommended_as_they_are_typed() {
    let by_cargo = |arguments: &[&str]| {
        let mut command = command(asyncguide(), arguments);
        run(command.env("CARGO_PKG_NAME", "asyncguide")).out
    };
    let (overview, lesson) = (by_cargo(&[]), by_cargo(&["lesson", "gather", "--clock", "virtual"]));
    for (text, parts) in
        [(&overview, ["tour", "lesson sequential"]), (&lesson, ["lesson spawn", "lesson gather --tasks 10`"])]
    {
        let recommended = |part: &str| {
            text.contains(&format!("cargo run -- {part}")) || text.contains(&format!("--release -- {part}"))
        };
        check(text, parts.iter().all(|part| recommended(part)), "after cargo run, it is cargo run again");
        check(
            text,
            !text.contains("asyncguide lesson") && !text.contains("asyncguide tour"),
            "nothing else is recommended",
        );
    }
    check(&ag(&[]).out, ag(&[]).out.contains("All, one by one: asyncguide tour"), "installed, it has its own name");
}
