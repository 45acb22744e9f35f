//! Sprig's arithmetic: int64 operations on loosely cast operands, decimal-exact float
//! operations, rounding and integer ranges.

use super::arg::{to_float64, to_int64};
use super::{Def, FromArg as _, Int, Runtime, def};
use crate::diag::{Fault, Result};
use crate::golang::decimal::Decimal;
use crate::golang::number;
use crate::value::print::sprint;
use crate::value::{List, ListType, Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("add" => add(numbers: ..&Value)),
    def!("add1" => add1(number: &Value)),
    def!("add1f" => add1f(number: &Value)),
    def!("addf" => addf(numbers: ..&Value)),
    def!("atoi" => atoi(text: &Str)),
    def!("biggest" => max(first: &Value, others: ..&Value)),
    def!("ceil" => ceil(number: &Value)),
    def!("div" => div(dividend: &Value, divisor: &Value)),
    def!("divf" => divf(dividend: &Value, divisors: ..&Value)),
    def!("float64" => float64(value: &Value)),
    def!("floor" => floor(number: &Value)),
    def!("int" => int(value: &Value)),
    def!("int64" => int64(value: &Value)),
    def!("max" => max(first: &Value, others: ..&Value)),
    def!("maxf" => maxf(first: &Value, others: ..&Value)),
    def!("min" => min(first: &Value, others: ..&Value)),
    def!("minf" => minf(first: &Value, others: ..&Value)),
    def!("mod" => modulo(dividend: &Value, divisor: &Value)),
    def!("mul" => mul(first: &Value, others: ..&Value)),
    def!("mulf" => mulf(first: &Value, others: ..&Value)),
    def!("round" => round(number: &Value, places: Int, turn: ..f64)),
    def!("seq" => seq(cx; bounds: ..Int)),
    def!("sub" => sub(minuend: &Value, subtrahend: &Value)),
    def!("subf" => subf(minuend: &Value, subtrahends: ..&Value)),
    def!("toDecimal" => to_decimal(value: &Value)),
    def!("until" => until(cx; count: Int)),
    def!("untilStep" => until_step(cx; start: Int, stop: Int, step: Int)),
];

/// Adds numbers as integers; fractions are cut off first, and the sum wraps.
///
/// Takes: numbers (any…). Returns: int64.
/// Errors: none; what does not convert counts as 0. Source: sprig `add`.
fn add(numbers: &[Value]) -> i64 {
    numbers.iter().fold(0, |sum, number| sum.wrapping_add(to_int64(number)))
}

/// Adds one to a number.
///
/// Takes: number (any). Returns: int64.
/// Errors: none. Source: sprig `add1`.
fn add1(number: &Value) -> i64 {
    to_int64(number).wrapping_add(1)
}

/// Adds one to a number, exactly in decimals.
///
/// Takes: number (any). Returns: float64.
/// Errors: NaN or an infinity. Source: sprig `add1f`.
fn add1f(number: &Value) -> Result<f64> {
    let sum = decimal(number)?.add(&decimal(&Value::Float(1.0))?);
    Ok(sum.to_f64())
}

/// Adds numbers exactly in decimals, so that 0.1 + 0.2 is 0.3.
///
/// Takes: numbers (any…). Returns: float64.
/// Errors: NaN or an infinity. Source: sprig `addf`.
fn addf(numbers: &[Value]) -> Result<f64> {
    fold_decimals(&Value::Float(0.0), numbers, |a, b| Ok(a.add(b)))
}

/// Reads a decimal integer; text that is none gives 0, and one too large the nearest int.
///
/// Takes: text (string). Returns: int.
/// Errors: none. Source: sprig `atoi`.
fn atoi(text: &Str) -> Value {
    Value::int(number::atoi(text).unwrap_or_else(|error| error.clamped))
}

/// Rounds a number up to a whole one.
///
/// Takes: number (any). Returns: float64.
/// Errors: none. Source: sprig `ceil`.
fn ceil(number: &Value) -> f64 {
    to_float64(number).ceil()
}

/// Divides two integers, cutting towards zero.
///
/// Takes: dividend, divisor (any). Returns: int64.
/// Errors: a divisor of 0. Source: sprig `div`.
fn div(dividend: &Value, divisor: &Value) -> Result<i64> {
    match to_int64(divisor) {
        0 => Err(division_by_zero()),
        divisor => Ok(to_int64(dividend).wrapping_div(divisor)),
    }
}

/// Divides a number by others in turn, exactly to 16 decimals.
///
/// Takes: dividend, divisors (any…). Returns: float64.
/// Errors: a divisor of 0; NaN or an infinity. Source: sprig `divf`.
fn divf(dividend: &Value, divisors: &[Value]) -> Result<f64> {
    fold_decimals(dividend, divisors, |a, b| a.div(b).map_err(Fault::function))
}

/// Converts anything to a float.
///
/// Takes: value (any). Returns: float64.
/// Errors: none; what does not convert is 0. Source: sprig `float64`.
fn float64(value: &Value) -> f64 {
    to_float64(value)
}

/// Rounds a number down to a whole one.
///
/// Takes: number (any). Returns: float64.
/// Errors: none. Source: sprig `floor`.
fn floor(number: &Value) -> f64 {
    to_float64(number).floor()
}

/// Converts anything to an int; fractions are cut off.
///
/// Takes: value (any). Returns: int.
/// Errors: none; what does not convert is 0. Source: sprig `int`.
fn int(value: &Value) -> Value {
    Value::int(to_int64(value))
}

/// Converts anything to an int64; fractions are cut off.
///
/// Takes: value (any). Returns: int64.
/// Errors: none; what does not convert is 0. Source: sprig `int64`.
fn int64(value: &Value) -> i64 {
    to_int64(value)
}

/// The largest of some numbers, as integers.
///
/// Takes: numbers (any…). Returns: int64.
/// Errors: none. Source: sprig `max`, `biggest`.
fn max(first: &Value, others: &[Value]) -> i64 {
    others.iter().map(to_int64).fold(to_int64(first), i64::max)
}

/// The largest of some numbers.
///
/// Takes: numbers (any…). Returns: float64.
/// Errors: none; NaN wins over all but +Inf. Source: sprig `maxf`.
fn maxf(first: &Value, others: &[Value]) -> f64 {
    others.iter().map(to_float64).fold(to_float64(first), |a, b| {
        if a == f64::INFINITY || b == f64::INFINITY {
            f64::INFINITY
        } else if a.is_nan() || b.is_nan() {
            f64::NAN
        } else if a.total_cmp(&b).is_lt() {
            // In total order, too, the positive zero is the larger one.
            b
        } else {
            a
        }
    })
}

/// The smallest of some numbers, as integers.
///
/// Takes: numbers (any…). Returns: int64.
/// Errors: none. Source: sprig `min`.
fn min(first: &Value, others: &[Value]) -> i64 {
    others.iter().map(to_int64).fold(to_int64(first), i64::min)
}

/// The smallest of some numbers.
///
/// Takes: numbers (any…). Returns: float64.
/// Errors: none; NaN wins over all but -Inf. Source: sprig `minf`.
fn minf(first: &Value, others: &[Value]) -> f64 {
    others.iter().map(to_float64).fold(to_float64(first), |a, b| {
        if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY {
            f64::NEG_INFINITY
        } else if a.is_nan() || b.is_nan() {
            f64::NAN
        } else if b.total_cmp(&a).is_lt() {
            b
        } else {
            a
        }
    })
}

/// The remainder of an integer division, with the dividend's sign.
///
/// Takes: dividend, divisor (any). Returns: int64.
/// Errors: a divisor of 0. Source: sprig `mod`.
fn modulo(dividend: &Value, divisor: &Value) -> Result<i64> {
    match to_int64(divisor) {
        0 => Err(division_by_zero()),
        divisor => Ok(to_int64(dividend).wrapping_rem(divisor)),
    }
}

/// Multiplies numbers as integers; the product wraps.
///
/// Takes: numbers (any…). Returns: int64.
/// Errors: none. Source: sprig `mul`.
fn mul(first: &Value, others: &[Value]) -> i64 {
    others.iter().fold(to_int64(first), |product, next| product.wrapping_mul(to_int64(next)))
}

/// Multiplies numbers exactly in decimals.
///
/// Takes: numbers (any…). Returns: float64.
/// Errors: NaN or an infinity. Source: sprig `mulf`.
fn mulf(first: &Value, others: &[Value]) -> Result<f64> {
    fold_decimals(first, others, |a, b| Ok(a.mul(b)))
}

/// Rounds a number to a number of decimals; a positive fraction from `turn` (0.5) on goes up,
/// and every negative fraction goes down.
///
/// Takes: number (any), places (int), turn (float64, optional). Returns: float64.
/// Errors: none. Source: sprig `round`.
fn round(number: &Value, places: Int, turn: &[Value]) -> Result<f64> {
    let turn = turn.first().map_or(Ok(0.5), f64::from_arg)?;
    let pow = pow10(places.0);
    let digit = pow * to_float64(number);
    // Go's Modf keeps the sign in the fraction, and an infinity has fraction NaN.
    let fraction = if digit.is_infinite() { f64::NAN } else { digit - digit.trunc() };
    let rounded = if fraction >= turn { digit.ceil() } else { digit.floor() };
    Ok(rounded / pow)
}

/// Writes a range of integers, both ends included, with blanks between; counts down when the
/// end is below the start.
///
/// Takes: [start, [step,]] end (int…). Returns: string; "" without or with over three numbers.
/// Errors: a range past the render's size limit. Source: sprig `seq`.
fn seq(cx: &mut dyn Runtime, bounds: &[Value]) -> Result<String> {
    let bounds = bounds.iter().map(Int::from_arg).collect::<Result<Vec<_>>>()?;
    let (start, step, end) = match bounds[..] {
        [end] => (1, None, end.0),
        [start, end] => (start.0, None, end.0),
        [start, step, end] => (start.0, Some(step.0), end.0),
        _ => return Ok(String::new()),
    };
    let towards = if end < start { -1 } else { 1 };
    let step = match step {
        Some(step) if towards < 0 && step > 0 => return Ok(String::new()),
        Some(step) => step,
        None => towards,
    };
    let mut text = String::new();
    for number in range(cx, start, end.wrapping_add(towards), step)? {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&number.to_string());
    }
    Ok(text)
}

/// Subtracts two integers; the difference wraps.
///
/// Takes: minuend, subtrahend (any). Returns: int64.
/// Errors: none. Source: sprig `sub`.
fn sub(minuend: &Value, subtrahend: &Value) -> i64 {
    to_int64(minuend).wrapping_sub(to_int64(subtrahend))
}

/// Subtracts numbers in turn, exactly in decimals.
///
/// Takes: minuend, subtrahends (any…). Returns: float64.
/// Errors: NaN or an infinity. Source: sprig `subf`.
fn subf(minuend: &Value, subtrahends: &[Value]) -> Result<f64> {
    fold_decimals(minuend, subtrahends, |a, b| Ok(a.sub(b)))
}

/// Reads a value's text as an octal number, such as a file mode.
///
/// Takes: value (any). Returns: int64; 0 for text that is no octal number.
/// Errors: none. Source: sprig `toDecimal`.
fn to_decimal(value: &Value) -> i64 {
    number::parse_int(sprint(value), 8, 64).unwrap_or(0)
}

/// The integers from 0 up to, or down to, a count, which is left out.
///
/// Takes: count (int). Returns: []int.
/// Errors: a range past the render's size limit. Source: sprig `until`.
fn until(cx: &mut dyn Runtime, count: Int) -> Result<List> {
    until_step(cx, Int(0), count, Int(if count.0 < 0 { -1 } else { 1 }))
}

/// The integers from a start up to, or down to, a stop, which is left out.
///
/// Takes: start, stop, step (int). Returns: []int; empty when the step leads the wrong way.
/// Errors: a range past the render's size limit. Source: sprig `untilStep`.
fn until_step(cx: &mut dyn Runtime, start: Int, stop: Int, step: Int) -> Result<List> {
    let numbers = range(cx, start.0, stop.0, step.0)?.map(Value::int).collect();
    Ok(List::grown(numbers, ListType::Int))
}

/// The numbers of `untilStep`, paid for in advance.
fn range(
    cx: &mut dyn Runtime,
    start: i64,
    stop: i64,
    step: i64,
) -> Result<impl Iterator<Item = i64> + use<>> {
    let distance = i128::from(stop) - i128::from(start);
    let step = i128::from(step);
    let count = if distance.signum() * step.signum() == 1 {
        (distance.abs() + step.abs() - 1) / step.abs()
    } else {
        0
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    cx.charge(count.saturating_mul(size_of::<Value>()))?;
    let start = i128::from(start);
    // All numbers lie between start and stop, hence in range.
    Ok((0..count as i128).map(move |index| (start + index * step) as i64))
}

fn division_by_zero() -> Fault {
    Fault::function("runtime error: integer divide by zero")
}

/// `math.Pow(10, exponent)` bit for bit: Go multiplies mantissas by successive squaring, which
/// differs from the correctly rounded power beyond 10^22.
fn pow10(exponent: i64) -> f64 {
    match exponent {
        0 => return 1.0,
        1 => return 10.0,
        _ => {}
    }
    let mut mantissa = 0.625_f64;
    let mut power = 4_i64;
    let mut result = 1.0_f64;
    let mut result_power = 0_i64;
    let mut rest = exponent.unsigned_abs();
    while rest != 0 {
        if power.abs() > 1 << 12 {
            result_power += power;
            break;
        }
        if rest & 1 == 1 {
            result *= mantissa;
            result_power += power;
        }
        mantissa *= mantissa;
        power *= 2;
        if mantissa < 0.5 {
            mantissa += mantissa;
            power -= 1;
        }
        rest >>= 1;
    }
    if exponent < 0 {
        result = 1.0 / result;
        result_power = -result_power;
    }
    ldexp(result, result_power)
}

/// `value × 2^exponent`, rounded once.
fn ldexp(value: f64, exponent: i64) -> f64 {
    // Two steps keep each factor representable; below the normal range the first step is exact
    // because `value` stays normal after it.
    let exponent = exponent.clamp(-2200, 2200) as i32;
    let first = exponent.clamp(-900, 900);
    let second = (exponent - first).clamp(-900, 900);
    let third = exponent - first - second;
    value * 2f64.powi(first) * 2f64.powi(second) * 2f64.powi(third)
}

fn decimal(value: &Value) -> Result<Decimal> {
    Decimal::from_f64(to_float64(value)).map_err(Fault::function)
}

fn fold_decimals(
    first: &Value,
    others: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal>,
) -> Result<f64> {
    let mut result = decimal(first)?;
    for other in others {
        result = operation(&result, &decimal(other)?)?;
    }
    Ok(result.to_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[f64]) -> Vec<Value> {
        values.iter().copied().map(Value::Float).collect()
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(addf(&floats(&[0.1, 0.2])).unwrap(), 0.3);
        let div = |a: f64, b: f64| divf(&Value::Float(a), &floats(&[b])).unwrap();
        assert_eq!(div(1.0, 3.0), 0.333_333_333_333_333_3);
        assert_eq!(div(2.0, 3.0), 0.666_666_666_666_666_7);
        assert_eq!(div(-1.0, 8.0), -0.125);
        assert_eq!(div(1e-10, 1e10), 0.0);
        let mul = |a: f64, b: f64| mulf(&Value::Float(a), &floats(&[b])).unwrap();
        assert_eq!(mul(1.1, 1.1), 1.21);
        assert_eq!(mul(1e300, 1e300), f64::INFINITY);
        let by_zero = divf(&Value::Float(1.0), &floats(&[0.0])).unwrap_err();
        assert_eq!(by_zero.message(), "decimal division by 0");
        let nan = addf(&floats(&[f64::NAN])).unwrap_err();
        assert_eq!(nan.message(), "Cannot create a Decimal from NaN");
    }

    #[test]
    fn rounding_follows_go() {
        let cases = [
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (-2.3, 0, -3.0),
            (2.675, 2, 2.68),
            (155.0, -1, 160.0),
            (123.555_5, 3, 123.556),
            (1.0, 23, 1.0),
        ];
        for (number, places, expected) in cases {
            let rounded = round(&Value::Float(number), Int(places), &[]).unwrap();
            assert_eq!(rounded, expected, "round {number} {places}");
        }
        let rounded = round(&Value::Float(2.4), Int(0), &[Value::Float(0.3)]).unwrap();
        assert_eq!(rounded, 3.0);
    }

    #[test]
    fn powers_of_ten_are_go_s() {
        // Bits printed by Go's math.Pow.
        for (exponent, bits) in POWERS {
            assert_eq!(pow10(*exponent).to_bits(), *bits, "10^{exponent}");
        }
    }

    const POWERS: &[(i64, u64)] = &[
        (2, 0x4059_0000_0000_0000),
        (-1, 0x3fb9_9999_9999_999a),
        (-3, 0x3f50_624d_d2f1_a9fc),
        (15, 0x430c_6bf5_2634_0000),
        (22, 0x4480_f0cf_064d_d592),
        (23, 0x44b5_2d02_c7e1_4af6),
        (25, 0x4520_8b2a_2c28_0291),
        (30, 0x4629_3e59_39a0_8cea),
        (50, 0x4a51_1b0e_c57e_649a),
        (100, 0x54b2_49ad_2594_c37e),
        (200, 0x6974_e718_d7d7_625d),
        (308, 0x7fe1_ccf3_85eb_c8a3),
        (309, 0x7ff0_0000_0000_0000),
        (-10, 0x3ddb_7cdf_d9d7_bdbb),
        (-22, 0x3b5e_3920_1017_5ee6),
        (-23, 0x3b28_2db3_4012_b252),
        (-30, 0x39b4_484b_feeb_c29f),
        (-100, 0x2b2b_ff2e_e48e_052e),
        (-300, 0x01a5_6e1f_c2f8_f355),
        (-308, 0x0007_30d6_7819_e8d1),
        (-310, 0x0000_1268_8b70_e62b),
        (-320, 0x0000_0000_0000_07e8),
        (-323, 0x0000_0000_0000_0002),
        (-330, 0x0000_0000_0000_0000),
        (5000, 0x7ff0_0000_0000_0000),
        (-5000, 0x0000_0000_0000_0000),
        (1099511627776, 0x7ff0_0000_0000_0000),
    ];
}
