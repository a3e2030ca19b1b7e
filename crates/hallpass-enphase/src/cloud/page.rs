//! What is cut out of the clouds' web pages.

/// The text of the first element whose id contains `part`, in any case.
///
/// No parser of HTML: it looks for tags with an attribute `id=..` without spaces in it, and takes
/// what follows up to the next tag. That is what the pages of Entrez have, and all that is needed
/// of them; anything else gives nothing, or no token.
pub(super) fn element_text<'a>(page: &'a str, part: &str) -> Option<&'a str> {
    page.split('<').find_map(|piece| {
        let (tag, text) = piece.split_once('>')?;
        let id = tag.split_whitespace().find_map(|attribute| attribute.strip_prefix("id="))?;
        let is_it = id.to_ascii_lowercase().contains(&part.to_ascii_lowercase());
        is_it.then(|| text.trim())
    })
}

#[cfg(test)]
mod tests;
