//! What the parts of a line of code are, by the grammars of syntect: the one door to it.

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::lesson::Language;
use crate::page::Role;
use crate::render::text::letters::Letter;

/// Unpacking the grammars takes a while: nobody pays for it who sees no coloured code.
static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// What a grammar's scopes are to us; of several that fit, the first. All else stays unpainted.
static ROLES: LazyLock<Vec<(Scope, Role)>> = LazyLock::new(|| {
    let roles = [
        ("comment", Role::Dim),
        ("string", Role::Literal),
        ("constant.numeric", Role::Literal),
        // The letter before a string, as in r"" and f"".
        ("storage.type.string", Role::Literal),
        ("keyword", Role::Keyword),
        ("storage", Role::Keyword),
        ("entity.name.function", Role::Code),
        ("support.macro", Role::Code),
    ];
    roles.into_iter().filter_map(|(scope, role)| Some((Scope::new(scope).ok()?, role))).collect()
});

/// Reads a file line by line, from its first one on.
pub(super) struct Highlighter {
    state: ParseState,
    scopes: ScopeStack,
}

impl Highlighter {
    pub(super) fn new(language: Language) -> Option<Self> {
        let extension = match language {
            Language::Rust => "rs",
            Language::Python => "py",
            _ => return None,
        };
        let syntax = GRAMMARS.find_syntax_by_extension(extension)?;
        Some(Highlighter { state: ParseState::new(syntax), scopes: ScopeStack::new() })
    }

    /// The next line in pieces of one role each; none if the grammar cannot make sense of it.
    pub(super) fn pieces<'a>(&mut self, line: &'a str) -> Option<Vec<(&'a str, Option<Role>)>> {
        // These grammars see the end of a line as a character.
        let changes = self.state.parse_line(&format!("{line}\n"), &GRAMMARS).ok()?;
        let (mut pieces, mut from) = (Vec::new(), 0);
        for (at, change) in changes {
            let at = at.min(line.len());
            let piece = line.get(from..at)?;
            pieces.push((piece, self.role(piece)));
            from = at;
            self.scopes.apply(&change).ok()?;
        }
        let rest = line.get(from..)?;
        pieces.push((rest, self.role(rest)));
        Some(pieces)
    }

    /// What `piece` is, by the innermost scope that says something to us.
    fn role(&self, piece: &str) -> Option<Role> {
        let role_of = |scope: &Scope| ROLES.iter().find(|(known, _)| known.is_prefix_of(*scope)).map(|(_, role)| *role);
        let role = self.scopes.as_slice().iter().rev().find_map(role_of);
        // To a grammar operators are keywords. Painted, every `=` would be as loud as a `let`.
        role.filter(|role| *role != Role::Keyword || piece.contains(char::is_alphabetic))
    }
}

/// Makes keywords of `async` and `await`, the very words these lessons are about: syntect's grammar for Rust is older
/// than they are and takes them for names. Where a grammar knows them, they have a role already.
pub(super) fn paint_async(code: &mut [Letter]) {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    for word in code.chunk_by_mut(|(a, role), (b, next)| in_word(*a) == in_word(*b) && role == next) {
        let text: String = word.iter().map(|(c, _)| c).collect();
        if word[0].1.is_none() && matches!(text.as_str(), "async" | "await") {
            word.iter_mut().for_each(|(_, role)| *role = Some(Role::Keyword));
        }
    }
}
