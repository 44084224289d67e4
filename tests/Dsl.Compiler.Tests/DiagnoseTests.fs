module Optc.Compiler.Tests.DiagnoseTests

open Optc.Compiler
open Optc.Compiler.Tests.AuditModels
open Optc.Parser
open Xunit

let private message text =
    let model, evaluator = load text

    match Diagnose.atPoint model evaluator with
    | Some diagnostic -> diagnostic.Message
    | None -> "finite"

[<Fact>]
let ``a logarithm of a negative number is found with its indices and place`` () =
    let model, evaluator =
        load "var x {1..4} := 2;\nminimize f: x[1];\nsubject to c {i in 1..4}:\n  2 * log(x[i] - 1) <= 5;"

    set model "x" [ 2.0; 2.0; 0.5; 2.0 ]
    let diagnostic = Diagnose.nonFinite model evaluator (constraint' model "c") 2

    Assert.Equal("log(x[3] - 1) is NaN in constraint c[3]: the argument x[3] - 1 = -0.5 must be positive", diagnostic.Message)
    Assert.Equal(struct (4, 7), diagnostic.Span.Source.Position diagnostic.Span.Start)
    Assert.Equal(Some diagnostic, Diagnose.atPoint model evaluator)
    Assert.Equal(None, Diagnose.tryNonFinite model evaluator (constraint' model "c") 0)

[<Theory>]
[<InlineData("log(x)", "log(x) is -Infinity in objective f: the argument x = 0 must be positive")>]
[<InlineData("1 + y / x", "y / x is Infinity in objective f: the divisor x = 0 must not be 0")>]
[<InlineData("exp(1000 * y)", "exp(1000 * y) is Infinity in objective f: the argument 1000 * y = 1000 is too large: the result overflows")>]
[<InlineData("(x - y) ^ 0.5", "(x - y) ^ 0.5 is NaN in objective f: the base (x - y) = -1 must not be negative, as the exponent 0.5 is not an integer")>]
[<InlineData("x ^ (-y)", "x ^ (-y) is Infinity in objective f: the base x = 0 must not be 0, as the exponent (-y) = -1 is negative")>]
[<InlineData("asin(2 * y)", "asin(2 * y) is NaN in objective f: the argument 2 * y = 2 must be between -1 and 1")>]
[<InlineData("sqrt(x) + y", "sqrt(x) has no finite derivative at x = 0 in objective f")>]
[<InlineData("x ^ 0.5", "x ^ 0.5 has no finite derivative at x = 0 in objective f")>]
[<InlineData("x ^ 1.5", "x ^ 1.5 has no finite second derivative at x = 0 in objective f")>]
[<InlineData("if y > 0 then x else log(-y)", "finite")>]
[<InlineData("sum {i in 1..3} sqrt(y - i)", "sqrt(y - 2) is NaN in objective f: the argument y - 2 = -1 must not be negative")>]
let ``operators say what they need`` (objective: string, expected: string) =
    Assert.Equal(expected, message $"var x := 0; var y := 1; minimize f: {objective};")

[<Fact>]
let ``a defined variable is blamed where it fails`` () =
    let text =
        "var x {1..2} := -4; var d {i in 1..2} = sqrt(x[i]); minimize f: 0; subject to c {j in 1..2}: d[j] + 1 <= 3;"

    Assert.Equal(
        "sqrt(x[1]) is NaN in defined variable d[1], which constraint c[1] uses: the argument x[1] = -4 must not be negative",
        message text
    )

[<Fact>]
let ``symbols and computed subscripts are written with their values`` () =
    let text =
        "set S := {'a', 'b'}; param n {S} := 2; var x {S, 1..3}; minimize f: 0; subject to c {s in S}: 1 / x[s, n[s] + 1] >= 1;"

    Assert.Equal("1 / x[a, 3] is Infinity in constraint c['a']: the divisor x[a, 3] = 0 must not be 0", message text)

[<Fact>]
let ``a variable that is not a number is named`` () =
    let model, evaluator = load "var x {1..2}; minimize f: x[2]^2;"
    set model "x" [ 0.0; nan ]
    let diagnostic = (Diagnose.atPoint model evaluator).Value
    Assert.Equal("x[2] is NaN in objective f: the variable has this value", diagnostic.Message)
    Assert.Equal(Error, diagnostic.Severity)
