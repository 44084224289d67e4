namespace Optc.Compiler

open System
open MathNet.Numerics

/// The functions of one variable as the audit knows them: value and derivative, written down again so that a mistake in
/// the symbolic rules or the kernels cannot hide here too.
module AuditFunctions =
    let private inverseRootPi = 2.0 / sqrt Math.PI

    /// Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!! · 2/√π e^(−x²): Abramowitz & Stegun 7.1.6. Every term has the sign of x, so nothing cancels.
    let private erfSeries (x: float) =
        let mutable term = x
        let mutable total = x
        let mutable n = 0

        while abs term > 1e-17 * abs total && n < 200 do
            n <- n + 1
            term <- term * 2.0 * x * x / float (2 * n + 1)
            total <- total + term

        inverseRootPi * exp (-x * x) * total

    /// erfc for x ≥ 2 by its continued fraction, Abramowitz & Stegun 7.1.14, evaluated from a deep tail.
    let private erfcFraction (x: float) =
        let mutable tail = x

        for k in 120 .. -1 .. 1 do
            tail <- x + 0.5 * float k / tail

        exp (-x * x) / (sqrt Math.PI * tail)

    let erf (x: float) =
        if Double.IsNaN x then nan
        elif abs x < 2.0 then erfSeries x
        elif x > 0.0 then 1.0 - erfcFraction x
        else erfcFraction -x - 1.0

    let erfc (x: float) =
        if Double.IsNaN x then nan
        elif x >= 2.0 then erfcFraction x
        else 1.0 - erf x

    let private isPole (x: float) = x <= 0.0 && x = Math.Floor x

    /// log |Γ(x)|; reflection below 1/2 (Abramowitz & Stegun 6.1.17).
    let rec lgamma (x: float) =
        if isPole x then infinity
        elif x < 0.5 then log (Math.PI / abs (sin (Math.PI * x))) - lgamma (1.0 - x)
        else SpecialFunctions.GammaLn x

    let gamma (x: float) =
        if isPole x then nan
        elif x > 171.7 then infinity
        else SpecialFunctions.Gamma x

    let digamma (x: float) =
        if isPole x then nan else SpecialFunctions.DiGamma x

    /// Value, derivative, and the values at which the function is defined, in words.
    type Rule =
        { Value: float -> float
          Slope: float -> float
          /// Whether the value exists there
          Holds: float -> bool
          Domain: string }

    let private everywhere value slope =
        { Value = value
          Slope = slope
          Holds = (fun _ -> true)
          Domain = "" }

    let private on holds domain value slope =
        { Value = value
          Slope = slope
          Holds = holds
          Domain = domain }

    let private step value = everywhere value (fun _ -> 0.0)

    /// Smooth functions and steps; those with kinks are the interpreter's own matter.
    let unary: Map<string, Rule> =
        let squareOf f x =
            let y = f x
            y * y

        Map
            [ "sqrt", on (fun x -> x >= 0.0) "must not be negative" Math.Sqrt (fun x -> 0.5 / Math.Sqrt x)
              "exp", everywhere Math.Exp Math.Exp
              "log", on (fun x -> x > 0.0) "must be positive" Math.Log (fun x -> 1.0 / x)
              "log10", on (fun x -> x > 0.0) "must be positive" Math.Log10 (fun x -> 1.0 / (x * Math.Log 10.0))
              "sin", everywhere Math.Sin Math.Cos
              "cos", everywhere Math.Cos (fun x -> -(Math.Sin x))
              "tan", everywhere Math.Tan (fun x -> 1.0 + squareOf Math.Tan x)
              "asin", on (fun x -> abs x <= 1.0) "must be between -1 and 1" Math.Asin (fun x -> 1.0 / Math.Sqrt((1.0 - x) * (1.0 + x)))
              "acos", on (fun x -> abs x <= 1.0) "must be between -1 and 1" Math.Acos (fun x -> -1.0 / Math.Sqrt((1.0 - x) * (1.0 + x)))
              "atan", everywhere Math.Atan (fun x -> 1.0 / (1.0 + x * x))
              "sinh", everywhere Math.Sinh Math.Cosh
              "cosh", everywhere Math.Cosh Math.Sinh
              "tanh", everywhere Math.Tanh (fun x -> 1.0 / squareOf Math.Cosh x)
              "asinh", everywhere Math.Asinh (fun x -> 1.0 / Math.Sqrt(1.0 + x * x))
              "acosh", on (fun x -> x >= 1.0) "must be at least 1" Math.Acosh (fun x -> 1.0 / Math.Sqrt((x - 1.0) * (x + 1.0)))
              "atanh", on (fun x -> abs x < 1.0) "must be between -1 and 1, both excluded" Math.Atanh (fun x -> 1.0 / ((1.0 - x) * (1.0 + x)))
              "ceil", step Math.Ceiling
              "floor", step Math.Floor
              "round", step (fun x -> Math.Round(x, MidpointRounding.AwayFromZero))
              "trunc", step Math.Truncate
              "erf", everywhere erf (fun x -> inverseRootPi * exp (-x * x))
              "erfc", everywhere erfc (fun x -> -inverseRootPi * exp (-x * x))
              "gamma", on (fun x -> not (isPole x)) "must not be 0 or a negative integer" gamma (fun x -> gamma x * digamma x)
              "lgamma", on (fun x -> not (isPole x)) "must not be 0 or a negative integer" lgamma digamma ]

    /// x^p with its derivatives: value, ∂/∂x, ∂/∂p, ∂²/∂x². A zero factor of the exponent wins over an infinite power.
    let power (x: float) (p: float) : struct (float * float * float * float) =
        let value = if p = 2.0 then x * x else Math.Pow(x, p)
        let slope = if p = 0.0 then 0.0 else p * Math.Pow(x, p - 1.0)
        let byExponent = if x = 0.0 && p > 0.0 then 0.0 else value * Math.Log x
        let curvature = if p = 0.0 || p = 1.0 then 0.0 else p * (p - 1.0) * Math.Pow(x, p - 2.0)
        struct (value, slope, byExponent, curvature)
