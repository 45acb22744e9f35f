//! Character classes: Perl's, POSIX's and Unicode's names, and ranges of characters.

use super::syntax::{Code, check_utf8, consumed, error, next_char};

/// A class that matches nothing.
pub(super) const NOTHING: &str = r"\P{any}";

/// A character as a literal, in and out of classes.
pub(super) fn escaped(c: char) -> String {
    if c.is_ascii_alphanumeric() || (!c.is_ascii() && !c.is_control()) {
        c.to_string()
    } else {
        format!(r"\x{{{:X}}}", u32::from(c))
    }
}

/// Adds a range to a class, leaving out surrogates.
pub(super) fn push_range(items: &mut String, low: u32, high: u32) {
    let parts = [(low, high.min(0xD7FF)), (low.max(0xE000), high)];
    for (low, high) in parts {
        if let (Some(low), Some(high)) = (char::from_u32(low), char::from_u32(high))
            && low <= high
        {
            items.push_str(&escaped(low));
            if low != high {
                items.push('-');
                items.push_str(&escaped(high));
            }
        }
    }
}

pub(super) fn push_group(items: &mut String, ranges: &str, negated: bool) {
    if negated {
        items.push_str("[^");
        items.push_str(ranges);
        items.push(']');
    } else {
        items.push_str(ranges);
    }
}

/// The ranges of `\d`, `\s`, `\w` and whether a capital negates them.
pub(super) fn perl_class(text: &[u8]) -> Option<(&'static str, bool)> {
    let [b'\\', letter, ..] = text else { return None };
    let ranges = match letter.to_ascii_lowercase() {
        b'd' => "0-9",
        b's' => r"\x{9}\x{A}\x{C}\x{D}\x{20}",
        b'w' => r"0-9A-Za-z\x{5F}",
        _ => return None,
    };
    Some((ranges, letter.is_ascii_uppercase()))
}

/// A leading `[:name:]`, brackets included.
pub(super) fn posix_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = text.strip_prefix(b"[:")?;
    let end = rest.windows(2).position(|pair| pair == b":]")?;
    Some(text.split_at(end + 4))
}

pub(super) fn posix_class(name: &[u8]) -> Option<(&'static str, bool)> {
    let name = name.strip_prefix(b"[:")?.strip_suffix(b":]")?;
    let (name, negated) = match name {
        [b'^', name @ ..] => (name, true),
        _ => (name, false),
    };
    let ranges = match name {
        b"alnum" => "0-9A-Za-z",
        b"alpha" => "A-Za-z",
        b"ascii" => r"\x{0}-\x{7F}",
        b"blank" => r"\x{9}\x{20}",
        b"cntrl" => r"\x{0}-\x{1F}\x{7F}",
        b"digit" => "0-9",
        b"graph" => r"\x{21}-\x{7E}",
        b"lower" => "a-z",
        b"print" => r"\x{20}-\x{7E}",
        b"punct" => r"\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}",
        b"space" => r"\x{9}-\x{D}\x{20}",
        b"upper" => "A-Z",
        b"word" => r"0-9A-Za-z\x{5F}",
        b"xdigit" => "0-9A-Fa-f",
        _ => return None,
    };
    Some((ranges, negated))
}

/// A leading `\pL`, `\p{Greek}` or `\P{…}`, written for the crate, and what follows it.
pub(super) fn unicode_class(text: &[u8]) -> Result<Option<(String, &[u8])>, String> {
    let (b'\\', Some(letter @ (b'p' | b'P'))) =
        (text.first().copied().unwrap_or(0), text.get(1).copied())
    else {
        return Ok(None);
    };
    let (c, after) = next_char(&text[2..])?;
    let (name, rest) = if c == '{' {
        let Some(end) = text.iter().position(|&byte| byte == b'}') else {
            check_utf8(text)?;
            return Err(error(Code::InvalidCharRange, text));
        };
        check_utf8(&text[3..end])?;
        (&text[3..end], &text[end + 1..])
    } else {
        (consumed(&text[2..], after), after)
    };
    let mut negated = letter == b'P';
    let plain = name.strip_prefix(b"^");
    negated ^= plain.is_some();
    let plain = plain.unwrap_or(name);
    let key: String = String::from_utf8_lossy(plain)
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let letter = if negated { 'P' } else { 'p' };
    let class = match key.as_str() {
        "any" | "assigned" | "ascii" => format!(r"\{letter}{{{key}}}"),
        // Surrogates do not occur in text.
        "cs" | "surrogate" if negated => r"\p{any}".to_owned(),
        "cs" | "surrogate" => NOTHING.to_owned(),
        _ if CATEGORIES.split_ascii_whitespace().any(|name| name == key) => {
            format!(r"\{letter}{{gc={key}}}")
        }
        _ if SCRIPTS.split_ascii_whitespace().any(|name| name == key) => {
            format!(r"\{letter}{{sc={key}}}")
        }
        _ => {
            let Some(ranges) = new_script(&key) else {
                return Err(error(Code::InvalidCharRange, consumed(text, rest)));
            };
            format!("[{}{ranges}]", if negated { "^" } else { "" })
        }
    };
    Ok(Some((class, rest)))
}

/// Scripts of Unicode 17 that the crate does not know yet.
fn new_script(key: &str) -> Option<&'static str> {
    Some(match key {
        "beriaerfe" => r"\x{16EA0}-\x{16EB8}\x{16EBB}-\x{16ED3}",
        "sidetic" => r"\x{10940}-\x{10959}",
        "taiyo" => r"\x{1E6C0}-\x{1E6DE}\x{1E6E0}-\x{1E6F5}\x{1E6FE}-\x{1E6FF}",
        "tolongsiki" => r"\x{11DB0}-\x{11DDB}\x{11DE0}-\x{11DE9}",
        _ => return None,
    })
}

/// General categories by the names that Go knows, in lower case.
const CATEGORIES: &str = "c cc cf cn co l lc ll lm lo lt lu m mc me mn n nd nl no p pc pd pe pf \
    pi po ps s sc sk sm so z zl zp zs casedletter closepunctuation cntrl combiningmark \
    connectorpunctuation control currencysymbol dashpunctuation decimalnumber digit \
    enclosingmark finalpunctuation format initialpunctuation letter letternumber lineseparator \
    lowercaseletter mark mathsymbol modifierletter modifiersymbol nonspacingmark number \
    openpunctuation other otherletter othernumber otherpunctuation othersymbol \
    paragraphseparator privateuse punct punctuation separator spaceseparator spacingmark symbol \
    titlecaseletter unassigned uppercaseletter";

/// Scripts by the names that Go knows, in lower case.
const SCRIPTS: &str = "adlam ahom anatolianhieroglyphs arabic armenian avestan balinese bamum bassavah batak \
    bengali bhaiksuki bopomofo brahmi braille buginese buhid canadianaboriginal carian \
    caucasianalbanian chakma cham cherokee chorasmian common coptic cuneiform cypriot \
    cyprominoan cyrillic deseret devanagari divesakuru dogra duployan egyptianhieroglyphs \
    elbasan elymaic ethiopic garay georgian glagolitic gothic grantha greek gujarati \
    gunjalagondi gurmukhi gurungkhema han hangul hanifirohingya hanunoo hatran hebrew hiragana \
    imperialaramaic inherited inscriptionalpahlavi inscriptionalparthian javanese kaithi kannada \
    katakana kawi kayahli kharoshthi khitansmallscript khmer khojki khudawadi kiratrai lao latin \
    lepcha limbu lineara linearb lisu lycian lydian mahajani makasar malayalam mandaic \
    manichaean marchen masaramgondi medefaidrin meeteimayek mendekikakui meroiticcursive \
    meroitichieroglyphs miao modi mongolian mro multani myanmar nabataean nagmundari nandinagari \
    newa newtailue nko nushu nyiakengpuachuehmong ogham olchiki oldhungarian olditalic \
    oldnortharabian oldpermic oldpersian oldsogdian oldsoutharabian oldturkic olduyghur olonal \
    oriya osage osmanya pahawhhmong palmyrene paucinhau phagspa phoenician psalterpahlavi rejang \
    runic samaritan saurashtra sharada shavian siddham signwriting sinhala sogdian \
    sorasompeng soyombo sundanese sunuwar sylotinagri syriac tagalog tagbanwa taile taitham \
    taiviet takri tamil tangsa tangut telugu thaana thai tibetan tifinagh tirhuta todhri \
    toto tulutigalari ugaritic vai vithkuqi wancho warangciti yezidi yi \
    zanabazarsquare";
