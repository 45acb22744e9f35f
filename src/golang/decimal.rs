//! Decimals as shopspring's library computes them, which sprig's float arithmetic goes through.

use num_bigint::BigInt;

/// A decimal of any length: `digits × 10^exponent`.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    digits: BigInt,
    exponent: i32,
}

/// Decimals that a quotient keeps.
const QUOTIENT_PLACES: i32 = 16;

impl Decimal {
    /// The shortest decimal that reads back as the float; the error is the library's sentence.
    pub(crate) fn from_f64(value: f64) -> Result<Self, String> {
        if !value.is_finite() {
            let name = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(format!("Cannot create a Decimal from {name}"));
        }
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').expect("{:e} writes an exponent");
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let exponent: i32 = exponent.parse().expect("{:e} writes an integer exponent");
        let digits = mantissa.replace('.', "").parse().expect("{:e} writes digits");
        Ok(Decimal { digits, exponent: exponent - decimals as i32 })
    }

    /// The nearest float; beyond the range, an infinity.
    pub(crate) fn to_f64(&self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().expect("digits and an exponent")
    }

    fn scaled_to(&self, exponent: i32) -> BigInt {
        &self.digits * BigInt::from(10).pow((self.exponent - exponent) as u32)
    }

    /// The sum.
    #[must_use]
    pub(crate) fn add(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        Decimal { digits: self.scaled_to(exponent) + other.scaled_to(exponent), exponent }
    }

    /// The difference.
    #[must_use]
    pub(crate) fn sub(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        Decimal { digits: self.scaled_to(exponent) - other.scaled_to(exponent), exponent }
    }

    /// The product.
    #[must_use]
    pub(crate) fn mul(&self, other: &Self) -> Self {
        Decimal { digits: &self.digits * &other.digits, exponent: self.exponent + other.exponent }
    }

    /// The quotient to 16 decimals, halves away from zero; the error is the library's sentence.
    pub(crate) fn div(&self, other: &Self) -> Result<Self, String> {
        let zero = BigInt::ZERO;
        if other.digits == zero {
            return Err("decimal division by 0".to_owned());
        }
        let shift = self.exponent - other.exponent + QUOTIENT_PLACES;
        let factor = BigInt::from(10).pow(shift.unsigned_abs());
        let (dividend, divisor) = if shift < 0 {
            (self.digits.clone(), &other.digits * factor)
        } else {
            (&self.digits * factor, other.digits.clone())
        };
        let mut quotient = &dividend / &divisor;
        let rest = dividend - &quotient * &divisor;
        if (rest.magnitude() << 1) >= *divisor.magnitude() {
            let negative = (self.digits < zero) != (other.digits < zero);
            quotient += if negative { -1 } else { 1 };
        }
        Ok(Decimal { digits: quotient, exponent: -QUOTIENT_PLACES })
    }
}
