module Optc.Compiler.Tests.AuditFunctionTests

open System
open FsCheck
open FsCheck.FSharp
open Optc.Compiler
open Xunit

let private config =
    Config.QuickThrowOnFailure.WithReplay(20260101UL, 77UL).WithMaxTest 60

/// Numbers in (0, 1)
let private unit' = Gen.choose (1, 9999) |> Gen.map (fun k -> float k / 10000.0)

/// A place where the function is smooth and moderate.
let private point name (u: float) =
    match name with
    | "sqrt"
    | "log"
    | "log10"
    | "gamma"
    | "lgamma" -> 0.2 + 5.0 * u
    | "asin"
    | "acos"
    | "atanh" -> -0.9 + 1.8 * u
    | "acosh" -> 1.1 + 5.0 * u
    | "tan" -> -1.3 + 2.6 * u
    | _ -> -3.0 + 6.0 * u

let private isStep name =
    List.contains name [ "ceil"; "floor"; "round"; "trunc" ]

/// Central difference with one step of Richardson's extrapolation: error O(h⁴).
let private difference (f: float -> float) x =
    let central h = (f (x + h) - f (x - h)) / (2.0 * h)
    (4.0 * central 5e-4 - central 1e-3) / 3.0

let private close tolerance (a: float) (b: float) =
    abs (a - b) <= tolerance * max 1.0 (max (abs a) (abs b))

[<Fact>]
let ``every derivative agrees with central differences`` () =
    for entry in AuditFunctions.unary do
        if not (isStep entry.Key) then
            Check.One(
                config,
                Prop.forAll (Arb.fromGen unit') (fun u ->
                    let x = point entry.Key u
                    close 1e-6 (entry.Value.Slope x) (difference entry.Value.Value x))
            )

[<Fact>]
let ``powers have the derivatives of central differences`` () =
    Check.One(
        config,
        Prop.forAll (Arb.fromGen (Gen.zip unit' unit')) (fun (u, v) ->
            let x = 0.3 + 3.0 * u
            let p = -2.0 + 5.0 * v
            let struct (_, slope, byExponent, curvature) = AuditFunctions.power x p
            let value x p = Math.Pow(x, p)

            let slopeAt x =
                let struct (_, slope, _, _) = AuditFunctions.power x p
                slope

            close 1e-6 slope (difference (fun x -> value x p) x)
            && close 1e-6 byExponent (difference (value x) p)
            && close 1e-5 curvature (difference slopeAt x))
    )

[<Fact>]
let ``the error function has the values of Abramowitz and Stegun's table`` () =
    Assert.Equal(0.5204998778130465, AuditFunctions.erf 0.5, 14)
    Assert.Equal(0.9953222650189527, AuditFunctions.erf 2.0, 14)
    Assert.Equal(-0.9953222650189527, AuditFunctions.erf -2.0, 14)
    Assert.Equal(1.0, AuditFunctions.erfc 4.0 / 1.541725790028002e-8, 12)

[<Fact>]
let ``the two formulas of erf meet`` () =
    Assert.Equal(AuditFunctions.erf 1.9999999999, AuditFunctions.erf 2.0, 11)

[<Fact>]
let ``gamma and its logarithm agree, also left of zero`` () =
    for x in [ 0.3; 1.0; 4.5; 20.0; -0.5; -2.3 ] do
        Assert.True(close 1e-12 (log (abs (AuditFunctions.gamma x))) (AuditFunctions.lgamma x), $"at {x}")

    Assert.Equal(24.0, AuditFunctions.gamma 5.0, 11)
    Assert.True(Double.IsNaN(AuditFunctions.gamma -3.0))
    Assert.True(Double.IsPositiveInfinity(AuditFunctions.lgamma 0.0))
