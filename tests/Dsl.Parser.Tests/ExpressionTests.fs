module Optc.Parser.Tests.ExpressionTests

open Xunit
open Optc.Parser.Tests.Helpers

[<Theory>]
[<InlineData("a + b * c", "(a Add (b Multiply c))")>]
[<InlineData("a - b - c", "((a Subtract b) Subtract c)")>]
[<InlineData("a / b * c div d mod e", "((((a Divide b) Multiply c) IntegerDivide d) Modulo e)")>]
[<InlineData("a less b + c", "((a Less b) Add c)")>]
[<InlineData("-x^2", "(Negate (x Power 2))")>]
[<InlineData("2^-1", "(2 Power (Negate 1))")>]
[<InlineData("a^b**c", "(a Power (b Power c))")>]
[<InlineData("-a*b", "((Negate a) Multiply b)")>]
[<InlineData("1 - 1 * -2", "(1 Subtract (1 Multiply (Negate 2)))")>]
[<InlineData("2^-x*3", "((2 Power (Negate x)) Multiply 3)")>]
[<InlineData("sum {i in I} a[i]*x[i] + b", "((Sum {i in I} (a[i] Multiply x[i])) Add b)")>]
[<InlineData("2 * sum {i in I} a[i] * c", "(2 Multiply (Sum {i in I} (a[i] Multiply c)))")>]
[<InlineData("- sum {i in I} a[i] * c", "(Negate (Sum {i in I} (a[i] Multiply c)))")>]
[<InlineData("max {i in I} i - min(3, 7)", "((Maximum {i in I} i) Subtract min(3,7))")>]
[<InlineData("a or b and not c", "(a Or (b And (Not c)))")>]
[<InlineData("a || b && !c", "(a Or (b And (Not c)))")>]
[<InlineData("not a = b", "(Not (a Equal b))")>]
[<InlineData("a == b and c != d or e <> f", "(((a Equal b) And (c NotEqual d)) Or (e NotEqual f))")>]
[<InlineData("exists {i in I} i > 2 and b or c", "((Exists {i in I} ((i GreaterThan 2) And b)) Or c)")>]
[<InlineData("a and forall {i in I} i > 2 and b", "(a And (ForAll {i in I} ((i GreaterThan 2) And b)))")>]
[<InlineData("1 <= i <= n", "((1 LessOrEqual i) And (i LessOrEqual n))")>]
[<InlineData("i in S union T diff U", "(i In ((S Union T) Difference U))")>]
[<InlineData("(i,j) not in S", "((i,j) NotIn S)")>]
[<InlineData("A within B cross C", "(A Within (B Cross C))")>]
[<InlineData("A not within B inter C", "(A NotWithin (B Intersection C))")>]
[<InlineData("i in A union B inter C cross D symdiff E",
             "(i In ((A Union (B Intersection (C Cross D))) SymmetricDifference E))")>]
[<InlineData("i in 0 .. n-4 by 2*k", "(i In (0..(n Subtract 4) by (2 Multiply k)))")>]
[<InlineData("i in 1..4", "(i In (1..4))")>]
[<InlineData("i in {1..4} diff {k}", "(i In ({(1..4)} Difference {k}))")>]
[<InlineData("setof {(i,j) in E} j union setof {i in I} (i,2) within T",
             "(((SetOf {(i,j) in E} j) Union (SetOf {i in I} (i,2))) Within T)")>]
[<InlineData("union {i in I} S[i] union T within U", "(((UnionOver {i in I} S[i]) Union T) Within U)")>]
[<InlineData("inter {i in I} S[i] within U", "((IntersectionOver {i in I} S[i]) Within U)")>]
[<InlineData("'a' & i + 1 = s", "(('a' Concatenate (i Add 1)) Equal s)")>]
[<InlineData("if a then b else c >= 3", "((if a then b else c) GreaterOrEqual 3)")>]
[<InlineData("if a then b > 1 else c > 3", "(if a then (b GreaterThan 1) else (c GreaterThan 3))")>]
[<InlineData("(if a then b else c) + 1", "((if a then b else c) Add 1)")>]
[<InlineData("1 + if a then b else c + 2", "(1 Add (if a then b else (c Add 2)))")>]
[<InlineData("x = 1 + if a then b", "(x Equal (1 Add (if a then b)))")>]
[<InlineData("if a then if b then c else d", "(if a then (if b then c else d))")>]
[<InlineData("i in if a then S else T", "(i In (if a then S else T))")>]
[<InlineData("x[i+1,'a'].lb + c.dual", "(x[(i Add 1),'a'].lb Add c.dual)")>]
[<InlineData("card({(i,j) in A: i <> j}) = card {k in K}", "(card({(i,j) in A: (i NotEqual j)}) Equal card({k in K}))")>]
[<InlineData("<<1, 2; -1, 0, {k in K} s[k]>> x[3] + 1", "(<<1,2;(Negate 1),0,{k in K}s[k]>>(x[3]) Add 1)")>]
[<InlineData("<<b; s, t>> (x, c)", "<<b;s,t>>(x,c)")>]
[<InlineData("norm1 {i in I} x[i] * 2 + huber(t, 1) + pos(t)",
             "(((Norm1 {i in I} (x[i] Multiply 2)) Add huber(t,1)) Add pos(t))")>]
[<InlineData(".844 + 2. + 1.5d1 + .5E+1 + 1e-3", "((((0.844 Add 2) Add 15) Add 5) Add 0.001)")>]
[<InlineData("'it''s' <> \"a \"\"b\"\"\"", "('it's' NotEqual 'a \"b\"')")>]
[<InlineData("a<-b", "(a LessThan (Negate b))")>]
[<InlineData("x = Infinity", "(x Equal Infinity)")>]
[<InlineData("{{a, b}, {}} within S", "({{a, b}, {}} Within S)")>]
[<InlineData("a /* b; */ + # c\n d", "(a Add d)")>]
let ``an expression has the shape of the precedence table`` (text: string, expected: string) =
    Assert.Equal(expected, shape (expression text))

[<Fact>]
let ``a name that the model declares wins over a contextual keyword`` () =
    let text =
        "param norm1 {1..2}; param within; param lower; param end; param huber; param diff; check: norm1[1] + within - lower*end/huber >= diff; \
         check: within within {1};"

    Assert.Equal(8, (statements text).Length)

[<Fact>]
let ``contextual words may name constraints`` () =
    let text =
        "var x; lower: x >= 1; block {i in 1..2}: x >= i; expect: x <= 3; end: x <= 4; path: x >= 0; data: x >= 0; node: x >= 0;"

    Assert.Equal(8, (statements text).Length)

[<Fact>]
let ``numbers are read to the last digit`` () =
    let random = System.Random 7

    for _ in 1..2000 do
        let value = System.BitConverter.Int64BitsToDouble(random.NextInt64()) |> abs

        if System.Double.IsFinite value then
            let text = value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)

            match (expression $"{text} = 0").Kind with
            | Optc.Parser.ExprKind.Binary(_, { Kind = Optc.Parser.ExprKind.Number found }, _) -> Assert.Equal(value, found)
            | other -> failwith $"{other}"
