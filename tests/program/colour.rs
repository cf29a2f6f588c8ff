//! When there is colour, and that it carries nothing alone.

use anstream::adapter::strip_str;

use crate::program::{
    ag, asyncguide, borrowed, check, command, everything_to_say, fixture, lessons, run, runs_on_the_virtual_clock,
};

#[test]
fn p11_the_option_wins_over_no_color_and_that_over_being_forced() {
    let (yes, no) = (true, false);
    for (option, variables, coloured) in [
        (None, &[] as &[(&str, &str)], no),
        (Some("always"), &[], yes),
        (Some("always"), &[("NO_COLOR", "1")], yes),
        (None, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1")], no),
        (None, &[("CLICOLOR_FORCE", "1")], yes),
        (None, &[("FORCE_COLOR", "1")], yes),
        (None, &[("CLICOLOR_FORCE", "0"), ("FORCE_COLOR", "")], no),
        (None, &[("NO_COLOR", ""), ("FORCE_COLOR", "3")], yes),
        (Some("never"), &[("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1")], no),
        (Some("auto"), &[("FORCE_COLOR", "1")], yes),
        (None, &[("ASYNCGUIDE_COLOR", "always"), ("NO_COLOR", "1")], yes),
        (Some("never"), &[("ASYNCGUIDE_COLOR", "always")], no),
    ] {
        // On standard output, on standard error, and in the help, which is printed before there are options.
        for words in [&[] as &[&str], &["lesson", "nope"], &["lesson", "--help"]] {
            let option = option.map(|choice| format!("--color={choice}"));
            let arguments: Vec<&str> = words.iter().copied().chain(option.as_deref()).collect();
            let mut command = command(asyncguide(), &arguments);
            command.envs(variables.iter().copied()).env("TERM", "xterm");
            let said = run(command).both();
            assert_eq!(said.contains('\u{1b}'), coloured, "{arguments:?} {variables:?}: {said:?}");
        }
    }
}

#[test]
fn p15_errors_and_help_are_ascii_by_option_and_by_variable() {
    for (options, variables, ascii) in [
        (&[] as &[&str], &[] as &[(&str, &str)], false),
        (&["--ascii"], &[], true),
        (&[], &[("ASYNCGUIDE_ASCII", "1")], true),
        (&[], &[("ASYNCGUIDE_ASCII", "0")], false),
        (&[], &[("ASYNCGUIDE_ASCII", "1"), ("ASYNCGUIDE_WIDTH", "nonsense")], true),
    ] {
        // An option that is wrong itself does not keep the others from counting.
        for words in [&["lesson", "日本"] as &[&str], &["lesson", "日本", "--color=nonsense"]] {
            let mut command = command(asyncguide(), &[words, options].concat());
            command.envs(variables.iter().copied()).env("LC_ALL", "C.UTF-8");
            let ran = run(command);
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?} {options:?} {variables:?}");
            check(
                &ran.err,
                ran.err.contains("'日本'") != ascii && ran.err.contains("'??'") == ascii,
                "as was asked for",
            );
        }
    }
}

#[test]
fn p13_colour_stripped_the_page_says_the_same() {
    let on_the_real_clock: Vec<String> =
        lessons().into_iter().filter(|lesson| !runs_on_the_virtual_clock(lesson)).collect();
    for arguments in everything_to_say() {
        // What is measured differs from run to run.
        if arguments.first().is_some_and(|first| first == "lesson") && on_the_real_clock.contains(&arguments[1]) {
            continue;
        }
        let say = |choice| ag(&[&borrowed(&arguments) as &[&str], &["--color", choice]].concat()).out;
        assert_eq!(strip_str(&say("always")).to_string(), say("never"), "{arguments:?}");
    }
    for lesson in ["panics", "fails", "hostile", "many"] {
        let say = |choice| fixture(&["lesson", lesson, "--clock", "virtual", "--color", choice]).both();
        let coloured = say("always");
        check(&coloured, coloured.contains('\u{1b}'), "it is coloured");
        assert_eq!(strip_str(&coloured).to_string(), say("never"), "{lesson}");
    }
}

#[test]
fn p13_an_error_says_the_same_without_colour() {
    for arguments in [&["lesson", "gahter"] as &[&str], &["lits"], &["lesson", "gather", "--save", "/no/dir/x.json"]] {
        let say = |choice| ag(&[arguments, &["--color", choice]].concat()).err;
        check(say("always"), say("always").contains('\u{1b}'), "it is coloured");
        assert_eq!(strip_str(&say("always")).to_string(), say("never"), "{arguments:?}");
    }
}
