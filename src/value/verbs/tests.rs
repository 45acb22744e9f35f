//! What Go 1.27's `fmt.Sprintf` gave for a sample of formats, drawn by chance.

use Value::Nil;

use super::*;
use crate::value::{IntType, List, ListType, Map, MapType};

fn int(value: i64) -> Value {
    Value::int(value)
}
fn i64_(value: i64) -> Value {
    Value::int64(value)
}
fn i32_(value: i64) -> Value {
    Value::Int(value, IntType::Int32)
}
fn u8_(value: i64) -> Value {
    Value::Int(value, IntType::Uint8)
}
fn uint_(value: i64) -> Value {
    Value::Int(value, IntType::Uint)
}
fn u64_(value: i64) -> Value {
    Value::Int(value, IntType::Uint64)
}
fn cplx(re: f64, im: f64) -> Value {
    Value::Complex(re, im)
}
fn bytes(text: &str) -> Value {
    Value::Bytes(text.into())
}
fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::list(items.into())
}
fn strings<const N: usize>(items: [&str; N]) -> Value {
    Value::List(List::strings(items))
}
fn ints<const N: usize>(items: [i64; N]) -> Value {
    Value::List(List::typed(items.into_iter().map(Value::int).collect(), ListType::Int))
}
fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let map = Map::new();
    for (key, value) in entries {
        map.insert(key, value);
    }
    Value::Map(map)
}
fn nil_list() -> Value {
    Value::List(List::nil(ListType::Interface))
}
fn nil_map() -> Value {
    Value::Map(Map::nil(MapType::Interface))
}

#[test]
fn formats_as_go() {
    let cases: &[(&str, &[Value], &str)] = &[
        (" #%-*d  ", &[f64::NAN.into()], " #%!(BADWIDTH)%!d(MISSING)  "),
        (" *%z", &[int(42), int(0)], " *%!z(int=42)%!(EXTRA int=0)"),
        (" .é%.*flit", &[], " .é%!(BADPREC)%!f(MISSING)lit"),
        ("!", &[int(0), int(1)], "!%!(EXTRA int=0, int=1)"),
        (
            "! [99999999999][0]",
            &["日本語".into(), int(42)],
            "! [99999999999][0]%!(EXTRA string=日本語, int=42)",
        ),
        ("!%v%v%d%d!q", &[1.0.into()], "!1%!v(MISSING)%!d(MISSING)%!d(MISSING)!q"),
        ("!*", &[Nil], "!*%!(EXTRA <nil>)"),
        ("#", &[map([])], "#%!(EXTRA map[string]interface {}=map[])"),
        ("#%!d ", &[nil_list(), int(1)], "#[]d %!(EXTRA int=1)"),
        ("#%.*fd %6.2f[x]s", &[int(1), list([]), int(1)], "#[]d %!f(int=    01)[x]s"),
        (
            "#sz[x]!é%d",
            &[1e21.into(), int(0), int(1)],
            "#sz[x]!é%!d(float64=1e+21)%!(EXTRA int=0, int=1)",
        ),
        ("%", &[int(1)], "%!(NOVERB)%!(EXTRA int=1)"),
        ("%", &[0.0.into(), "`q`".into()], "%!(NOVERB)%!(EXTRA float64=0, string=`q`)"),
        ("%", &["hello".into()], "%!(NOVERB)%!(EXTRA string=hello)"),
        ("% #U", &["x\u{200b}y".into()], "%!U(string=x\u{200b}y)"),
        ("% #q", &[int(0)], "'\\x00'"),
        ("% #z", &[123456789.125.into()], "%!z(float64= 1.23456789125e+08)"),
        ("% 2.2T", &["héllo wörld".into()], "st"),
        ("% 5.9é", &[123456789.125.into()], "%!é(float64= 123456789)"),
        ("% T", &[true.into()], "bool"),
        ("% U", &[f64::NAN.into()], "%!U(float64= NaN)"),
        ("%!", &[(-0.0).into()], "%!!(float64=-0)"),
        ("%#.4!", &[bytes("")], "[]"),
        ("%#.6t", &[Nil], "%!t(<nil>)"),
        ("%#.7o", &[0.0.into()], "%!o(float64=0.000000)"),
        ("%#.w", &[i64_(-7)], "%!w(int64=-7)"),
        ("%#05X", &[f64::NEG_INFINITY.into()], " -Inf"),
        ("%#10z", &[100.0.into()], "%!z(float64=   100.000)"),
        ("%#1X", &[100.0.into()], "0X1.9P+06"),
        ("%%%sész0", &[i64_(-7), int(42)], "%%!s(int64=-7)ész0%!(EXTRA int=42)"),
        ("%%[[3][3]%", &[int(-1)], "%[[3][3]%!(NOVERB)%!(EXTRA int=-1)"),
        ("%*d *", &[], "%!(BADWIDTH)%!d(MISSING) *"),
        ("%+ .o", &["日本語".into()], "%!o(string=)"),
        ("%+ 0.8T", &[int(0x1F600)], "int"),
        ("%+ 03T", &["hello".into()], "string"),
        ("%+ 0e", &[Nil], "%!e(<nil>)"),
        ("%+ U", &["".into()], "%!U(string=)"),
        ("%+# 0O", &[int(1 << 40)], "+0o020000000000000"),
        ("%+# 3.4s", &[int(65)], "%!s(int=+0065)"),
        ("%+#010o", &[100.0.into()], "%!o(float64=+00100.000)"),
        ("%+#6w", &[(-0.0).into()], "%!w(float64=    -0)"),
        ("%+-#.0X", &["".into()], ""),
        ("%+.2v", &[uint_(9)], "09"),
        ("%+0O", &[100.0.into()], "%!O(float64=+100)"),
        ("%+1é", &[bytes("")], "[]"),
        ("%+2é", &[1e6.into()], "%!é(float64=+1e+06)"),
        ("%+9q", &[true.into()], "%!q(bool=     true)"),
        ("%+O", &[int(65)], "+0o101"),
        ("%+X", &[u8_(200)], "+C8"),
        ("%+b", &[int(1 << 40)], "+10000000000000000000000000000000000000000"),
        ("%+w", &[int(1 << 40)], "%!w(int=1099511627776)"),
        ("%- .é", &["a\"b\n".into()], "%!é(string=)"),
        ("%- 3w", &[nil_map()], "%!w(map[string]interface {}=map[])"),
        ("%- 5G", &[int(0x1F600)], "%!G(int= 128512)"),
        ("%- 9.0b", &[int(-1)], "-1       "),
        ("%-# 0.8O", &[f64::INFINITY.into()], "%!O(float64= Inf)"),
        ("%-#010.0G", &[1e-7.into()], "1.E-07    "),
        ("%-#w", &[int(65)], "%!w(int=65)"),
        ("%-.1w", &[map([])], "%!w(map[string]interface {}=map[])"),
        ("%-0.2b", &[int(1)], "01"),
        ("%-01E", &[Nil], "%!E(<nil>)"),
        ("%-0g", &["hello".into()], "%!g(string=hello)"),
        ("%-6.2v", &[bytes("hi")], "[104    105   ]"),
        ("%-6.7b", &[bytes("")], "[]"),
        ("%-6x", &["日本語".into()], "e697a5e69cace8aa9e"),
        ("%-8T", &[map([])], "map[string]interface {}"),
        ("%-v", &["hello".into()], "hello"),
        ("%-z", &[nil_list()], "[]"),
        ("%.*fz[%", &[int(1), int(-1), int(65)], "%!f(int=-1)z[%!(NOVERB)%!(EXTRA int=65)"),
        ("%.0E", &[u8_(200)], "%!E(uint8=200)"),
        ("%.0b", &[int(0x1F600)], "11111011000000000"),
        ("%.0e", &[ints([1, 2, 3])], "[%!e(int=1) %!e(int=2) %!e(int=3)]"),
        ("%.2z", &[1e6.into()], "%!z(float64=1e+06)"),
        ("%.E", &[i64_(-7)], "%!E(int64=-7)"),
        ("%.F", &[(-0.0).into()], "-0"),
        ("%.G", &[int(1)], "%!G(int=1)"),
        ("%.T", &[123456789.125.into()], ""),
        ("%.g", &[nil_map()], "map[]"),
        ("%.q", &[i64_(7)], "'\\a'"),
        ("%.é", &[0.0.into()], "%!é(float64=0)"),
        ("%010z", &[int(65)], "%!z(int=0000000065)"),
        ("%05!", &[int(i64::MAX)], "%!!(int=9223372036854775807)"),
        ("%07.6b", &["hello".into()], "%!b(string=00hello)"),
        ("%0d", &[i32_(-3)], "-3"),
        ("%0f", &[int(0x1F600)], "%!f(int=128512)"),
        ("%5U", &[123456789.125.into()], "%!U(float64=1.23456789125e+08)"),
        ("%5v", &[1e6.into()], "1e+06"),
        ("%6.2f[", &["日本語".into()], "%!f(string=    日本)["),
        (
            "%6.2f[0]%+[2]%[2]*[1]d",
            &["日本語".into(), 1e21.into(), 123456789.125.into()],
            "%!f(string=    日本)[0]%[2]*[1]d",
        ),
        ("%6.2fsx", &[int(1), int(-1), int(1)], "%!f(int=    01)sx%!(EXTRA int=-1, int=1)"),
        ("%9.1c", &[int(0x1F600)], "        😀"),
        ("%T", &[int(42)], "int"),
        ("%U", &[uint_(9)], "U+0009"),
        ("%f", &["hello".into()], "%!f(string=hello)"),
        ("%g", &[3.14159.into()], "3.14159"),
        ("%s1000001", &[bytes("")], "1000001"),
        ("%v%v#%dv[99999999999]", &[int(1), int(1)], "11#%!d(MISSING)v[99999999999]"),
        (
            "%v-wx[2]%s[2]",
            &[f64::NEG_INFINITY.into(), nil_list(), i64_(7)],
            "-Inf-wx[2][][2]%!(EXTRA int64=7)",
        ),
        ("%v.", &[int(1), Nil, 0.0.into()], "1.%!(EXTRA <nil>, float64=0)"),
        ("%x", &[Nil], "%!x(<nil>)"),
        ("**%vd.", &[i64_(-7)], "**-7d."),
        ("+#[x]%.*f1000001%v", &[int(-1)], "+#[x]%!(BADPREC)%!f(MISSING)1000001%!v(MISSING)"),
        ("+%%", &[(-1.5).into()], "+%%!(EXTRA float64=-1.5)"),
        ("+%d%6.2fé%d]", &[int(1)], "+1%!f(MISSING)é%!d(MISSING)]"),
        ("-", &[i64_(7), int(-1)], "-%!(EXTRA int64=7, int=-1)"),
        ("- w5", &[cplx(0.5, 1e7)], "- w5%!(EXTRA complex128=(0.5+1e+07i))"),
        ("-%-*d0+[0]", &[int(1), int(-12345), true.into()], "--123450+[0]%!(EXTRA bool=true)"),
        ("-*", &[nil_list()], "-*%!(EXTRA []interface {}=[])"),
        ("-s", &[], "-s"),
        (".%", &["".into()], ".%!(NOVERB)%!(EXTRA string=)"),
        ("1000001!%-*d[0]%.*fv", &[int(-1)], "1000001!%!d(MISSING)[0]%!(BADPREC)%!f(MISSING)v"),
        (
            "1000001-*[99999999999]%-*d.",
            &[3.14159.into()],
            "1000001-*[99999999999]%!(BADWIDTH)%!d(MISSING).",
        ),
        ("1000001]1000001", &[3.14159.into()], "1000001]1000001%!(EXTRA float64=3.14159)"),
        (
            "1000001x%[2]*[1]dqx",
            &[int(42), "x\u{200b}y".into(), "x\u{200b}y".into()],
            "1000001x%!(BADWIDTH)42qx",
        ),
        ("5", &[bytes("hi")], "5%!(EXTRA []uint8=[104 105])"),
        ("[", &[int(-1)], "[%!(EXTRA int=-1)"),
        ("[", &[int(65)], "[%!(EXTRA int=65)"),
        ("[", &[1.0.into()], "[%!(EXTRA float64=1)"),
        ("[0]", &[], "[0]"),
        ("[0]x+[3]#[3]", &["".into()], "[0]x+[3]#[3]%!(EXTRA string=)"),
        ("[0]x[5", &[int(42)], "[0]x[5%!(EXTRA int=42)"),
        ("[1]%%", &[int(42), int(-12345)], "[1]%%!(EXTRA int=42, int=-12345)"),
        ("[1]%6.2fz.", &[false.into()], "[1]%!f(bool= false)z."),
        ("[1]%v 5+[+", &[map([]), int(42)], "[1]map[] 5+[+%!(EXTRA int=42)"),
        ("[1][1]!", &[int(-1), int(-1)], "[1][1]!%!(EXTRA int=-1, int=-1)"),
        ("[1][x]v%d[1]!", &[], "[1][x]v%!d(MISSING)[1]!"),
        ("[1]lité+", &[false.into()], "[1]lité+%!(EXTRA bool=false)"),
        ("[1]xx%[2]*[1]d%d", &[int(-1)], "[1]xx%!d(BADINDEX)-1"),
        ("[2]%.*fé%d%%[1]", &[int(-1), (-0.0).into()], "[2]%!(BADPREC)-0.000000é%!d(MISSING)%[1]"),
        ("[2].", &[0.0.into()], "[2].%!(EXTRA float64=0)"),
        ("[3]50", &[uint_(9)], "[3]50%!(EXTRA uint=9)"),
        ("[3]5é%%lit", &[int(1), int(-1)], "[3]5é%lit%!(EXTRA int=1, int=-1)"),
        ("[3][1]v[x]%v%.*f", &[int(42)], "[3][1]v[x]42%!(BADPREC)%!f(MISSING)"),
        ("[3][x]!-%vq0", &[nil_map()], "[3][x]!-map[]q0"),
        ("[x]#", &[(-0.0).into()], "[x]#%!(EXTRA float64=-0)"),
        ("[x]%-*d%.*f", &[int(0), int(-1)], "[x]-1%!(BADPREC)%!f(MISSING)"),
        ("[x][[3]%dw[0]", &[cplx(1.0, -2.0)], "[x][[3]%!d(complex128=(1-2i))w[0]"),
        ("]", &[(-0.0).into()], "]%!(EXTRA float64=-0)"),
        ("]0é-", &[strings(["a b", "c"])], "]0é-%!(EXTRA []string=[a b c])"),
        ("d. #", &[1e-7.into()], "d. #%!(EXTRA float64=1e-07)"),
        ("lit", &[int(1), u64_(-1)], "lit%!(EXTRA int=1, uint64=18446744073709551615)"),
        ("lit.]%[3]", &[int(0), int(42)], "lit.]%!(NOVERB)"),
        ("q%%x", &[int(42)], "q%x%!(EXTRA int=42)"),
        ("q1000001", &[1e21.into()], "q1000001%!(EXTRA float64=1e+21)"),
        ("s5[", &[i32_(-3)], "s5[%!(EXTRA int32=-3)"),
        ("s[x][99999999999]%ws-", &[false.into()], "s[x][99999999999]%!w(bool=false)s-"),
        ("w[5[x]%[2]*[1]d", &[cplx(0.5, 1e7), int(0)], "w[5[x]%!d(complex128=(0.5+1e+07i))"),
        ("wd[2]%*d1000001", &[strings(["a b", "c"])], "wd[2]%!(BADWIDTH)%!d(MISSING)1000001"),
        ("ws#é1000001%.*f", &[int(1), 1e6.into()], "ws#é10000011000000.0"),
        (
            "x%*d",
            &[int(i64::MIN), "日本語".into(), int(1)],
            "x%!(BADWIDTH)%!d(string=日本語)%!(EXTRA int=1)",
        ),
        ("xs%vd%*d", &[int(1), 1e21.into()], "xs1d%!(BADWIDTH)%!d(MISSING)"),
        ("z1000001s[2]", &[(-0.0).into(), int(42)], "z1000001s[2]%!(EXTRA float64=-0, int=42)"),
        ("é+[%.*f", &[int(-1)], "é+[%!(BADPREC)%!f(MISSING)"),
        ("é0[99999999999]éz", &[], "é0[99999999999]éz"),
        ("éé", &[int(1)], "éé%!(EXTRA int=1)"),
        ("%s", &[list([1.0.into(), "a".into(), Nil])], "[%!s(float64=1) a <nil>]"),
        ("%s", &[map([("a", int(1))])], "map[a:%!s(int=1)]"),
        (
            "%#v",
            &[map([("b", 1.5.into()), ("a", Nil)])],
            r#"map[string]interface {}{"a":interface {}(nil), "b":1.5}"#,
        ),
        ("%[2]*[1]d|%-*d|", &[int(7), int(5), int(3)], "    7|3    |"),
        ("%.*f", &[int(2), 2.675.into()], "2.67"),
        ("%#v", &[nil_map()], "map[string]interface {}(nil)"),
        ("%x", &[strings(["hello", "é"])], "[68656c6c6f c3a9]"),
    ];
    for (format, args, want) in cases {
        assert_eq!(sprintf(format.as_bytes(), args).to_string(), *want, "{format} of {args:?}");
    }
}

#[test]
fn refuses_cycles() {
    let map = Map::new();
    map.insert("self", map.clone());
    assert!(try_sprintf(b"%v", &[Value::Map(map.clone())]).is_err());
    assert_eq!(sprintf(b"%v", &[Value::Map(map.clone())]).to_string(), "map[self:]");
    map.remove("self");
}
