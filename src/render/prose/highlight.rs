//! The roles of the parts of a line of code, by syntect's grammars. No other file uses syntect.

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::lesson::Language;
use crate::render::text::letters::{StyledChar, plain};
use crate::style::Role;

/// The grammars that come with syntect. Unpacking them takes a while, so it waits for the first coloured line of code.
static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The roles of a grammar's scopes. The first entry that is a prefix of a scope decides; other scopes have no role.
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

/// A parser that reads a source file line by line and remembers where it is, for instance within a comment.
pub(super) struct Highlighter {
    state: ParseState,
    scopes: ScopeStack,
}

impl Highlighter {
    /// Returns a highlighter for the beginning of a file; none if syntect has no grammar for `language`.
    pub(super) fn new(language: Language) -> Option<Self> {
        let extension = match language {
            Language::Rust => "rs",
            Language::Python => "py",
            _ => return None,
        };
        let syntax = GRAMMARS.find_syntax_by_extension(extension)?;
        Some(Highlighter { state: ParseState::new(syntax), scopes: ScopeStack::new() })
    }

    /// Splits the file's next line into pieces of one role each.
    ///
    /// Returns none if the grammar cannot parse the line; the highlighter must not be used after that.
    pub(super) fn pieces<'a>(&mut self, line: &'a str) -> Option<Vec<(&'a str, Option<Role>)>> {
        // These grammars expect the newline at the end of a line.
        let changes = self.state.parse_line(&format!("{line}\n"), &GRAMMARS).ok()?;
        let mut pieces = Vec::new();
        let mut start = 0;
        for (end, change) in changes {
            let end = end.min(line.len());
            let piece = line.get(start..end)?;
            pieces.push((piece, self.role(piece)));
            start = end;
            self.scopes.apply(&change).ok()?;
        }
        let rest = line.get(start..)?;
        pieces.push((rest, self.role(rest)));
        Some(pieces)
    }

    /// Returns the role of `piece`: that of the innermost scope that has one.
    fn role(&self, piece: &str) -> Option<Role> {
        let scopes = self.scopes.as_slice().iter().rev();
        let role = scopes.copied().find_map(role_of_scope)?;
        // To a grammar, operators are keywords. Painted, every `=` would be as loud as a `let`.
        let is_operator = role == Role::Keyword && !piece.contains(char::is_alphabetic);
        if is_operator { None } else { Some(role) }
    }
}

fn role_of_scope(scope: Scope) -> Option<Role> {
    let (_, role) = ROLES.iter().find(|(prefix, _)| prefix.is_prefix_of(scope))?;
    Some(*role)
}

/// Gives the words `async` and `await` the role of keywords, unless they have a role already.
///
/// syntect's grammar for Rust is older than these two keywords and takes them for names, and they are what the lessons
/// are about.
pub(super) fn paint_async(code: &mut [StyledChar]) {
    let in_word = |styled: &StyledChar| styled.char.is_alphanumeric() || styled.char == '_';
    for word in code.chunk_by_mut(|a, b| in_word(a) == in_word(b) && a.role == b.role) {
        let text = plain(word);
        if word[0].role.is_none() && matches!(text.as_str(), "async" | "await") {
            for styled in word {
                styled.role = Some(Role::Keyword);
            }
        }
    }
}
