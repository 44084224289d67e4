namespace Optc.Compiler.Tests

open System
open MathNet.Numerics

/// A number with its derivatives along two directions u and w: v, ∇v·u, ∇v·w and uᵀ∇²v w (Fike and Alonso, 2011). The
/// forward mode by hand-written rules, independent of the operator table.
[<Struct>]
type HyperDual =
    { V: float
      U: float
      W: float
      UW: float }

    member x.IsConstant = x.U = 0.0 && x.W = 0.0 && x.UW = 0.0

    member x.IsFinite =
        Double.IsFinite x.V && Double.IsFinite x.U && Double.IsFinite x.W && Double.IsFinite x.UW

    static member Of(v: float) : HyperDual = { V = v; U = 0.0; W = 0.0; UW = 0.0 }

    /// f(x) from f, f′ and f″ at x.
    static member Chain (x: HyperDual) (f: float) (f1: float) (f2: float) : HyperDual =
        if x.IsConstant then
            HyperDual.Of f
        else
            { V = f
              U = f1 * x.U
              W = f1 * x.W
              UW = f2 * x.U * x.W + f1 * x.UW }

    static member (+)(x: HyperDual, y: HyperDual) : HyperDual =
        { V = x.V + y.V
          U = x.U + y.U
          W = x.W + y.W
          UW = x.UW + y.UW }

    static member (~-)(x: HyperDual) : HyperDual =
        { V = -x.V
          U = -x.U
          W = -x.W
          UW = -x.UW }

    static member (-)(x: HyperDual, y: HyperDual) : HyperDual = x + -y

    static member (*)(x: HyperDual, y: HyperDual) : HyperDual =
        { V = x.V * y.V
          U = x.U * y.V + x.V * y.U
          W = x.W * y.V + x.V * y.W
          UW = x.UW * y.V + x.U * y.W + x.W * y.U + x.V * y.UW }

    static member (/)(x: HyperDual, y: HyperDual) : HyperDual =
        let quotient = x * HyperDual.Chain y (1.0 / y.V) (-1.0 / (y.V * y.V)) (2.0 / (y.V * y.V * y.V))
        { quotient with V = x.V / y.V }

module HyperDuals =
    let private apply (x: HyperDual) f f1 f2 = HyperDual.Chain x f f1 f2

    let private powerOfConstant (x: HyperDual) (p: float) =
        let v = x.V
        let first = if p = 0.0 then 0.0 else p * Math.Pow(v, p - 1.0)
        let second = if p = 0.0 || p = 1.0 then 0.0 else p * (p - 1.0) * Math.Pow(v, p - 2.0)
        apply x (Math.Pow(v, p)) first second

    let exp (x: HyperDual) =
        let e = Math.Exp x.V
        apply x e e e

    let log (x: HyperDual) = apply x (Math.Log x.V) (1.0 / x.V) (-1.0 / (x.V * x.V))

    let sqrt (x: HyperDual) =
        let r = Math.Sqrt x.V
        apply x r (0.5 / r) (-0.25 / (r * x.V))

    let pow (x: HyperDual) (y: HyperDual) =
        if y.IsConstant then powerOfConstant x y.V
        else { exp (y * log x) with V = Math.Pow(x.V, y.V) }

    let sin (x: HyperDual) = apply x (Math.Sin x.V) (Math.Cos x.V) (-Math.Sin x.V)
    let cos (x: HyperDual) = apply x (Math.Cos x.V) (-Math.Sin x.V) (-Math.Cos x.V)

    let tan (x: HyperDual) =
        let c = Math.Cos x.V
        apply x (Math.Tan x.V) (1.0 / (c * c)) (2.0 * Math.Sin x.V / (c * c * c))

    let atan (x: HyperDual) =
        let d = 1.0 + x.V * x.V
        apply x (Math.Atan x.V) (1.0 / d) (-2.0 * x.V / (d * d))

    /// The function through another that differs from it by a constant along any path.
    let private withValue v (x: HyperDual) = { x with V = v }

    let atan2 (y: HyperDual) (x: HyperDual) =
        let value = Math.Atan2(y.V, x.V)

        if Math.Abs x.V >= Math.Abs y.V then withValue value (atan (y / x))
        else withValue value (-(atan (x / y)))

    let asin (x: HyperDual) =
        let d = Math.Sqrt(1.0 - x.V * x.V)
        apply x (Math.Asin x.V) (1.0 / d) (x.V / (d * d * d))

    let acos (x: HyperDual) = withValue (Math.Acos x.V) (-(asin x))
    let sinh (x: HyperDual) = apply x (Math.Sinh x.V) (Math.Cosh x.V) (Math.Sinh x.V)
    let cosh (x: HyperDual) = apply x (Math.Cosh x.V) (Math.Sinh x.V) (Math.Cosh x.V)

    let tanh (x: HyperDual) =
        let t = Math.Tanh x.V
        apply x t (1.0 - t * t) (-2.0 * t * (1.0 - t * t))

    let asinh (x: HyperDual) =
        let d = Math.Sqrt(x.V * x.V + 1.0)
        apply x (Math.Asinh x.V) (1.0 / d) (-x.V / (d * d * d))

    let acosh (x: HyperDual) =
        let d = Math.Sqrt(x.V * x.V - 1.0)
        apply x (Math.Acosh x.V) (1.0 / d) (-x.V / (d * d * d))

    let atanh (x: HyperDual) =
        let d = 1.0 - x.V * x.V
        apply x (Math.Atanh x.V) (1.0 / d) (2.0 * x.V / (d * d))

    let log10 (x: HyperDual) =
        withValue (Math.Log10 x.V) (log x / HyperDual.Of(Math.Log 10.0))

    let erf (x: HyperDual) =
        let first = 2.0 / Math.Sqrt Math.PI * Math.Exp(-x.V * x.V)
        apply x (SpecialFunctions.Erf x.V) first (-2.0 * x.V * first)

    let erfc (x: HyperDual) = withValue (SpecialFunctions.Erfc x.V) (-(erf x))
    let max (x: HyperDual) (y: HyperDual) = if Double.IsNaN y.V || y.V > x.V then y else x
    let min (x: HyperDual) (y: HyperDual) = if Double.IsNaN y.V || y.V < x.V then y else x
    let abs (x: HyperDual) = if x.V < 0.0 then -x elif x.V = 0.0 then HyperDual.Of 0.0 else x

    let huber (t: HyperDual) (delta: HyperDual) =
        if Math.Abs t.V <= delta.V then HyperDual.Of 0.5 * t * t
        else delta * (abs t - HyperDual.Of 0.5 * delta)

    let modulo (x: HyperDual) (y: HyperDual) = x - y * HyperDual.Of(Math.Truncate(x.V / y.V))
