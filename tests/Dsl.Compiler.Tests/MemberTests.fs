module Optc.Compiler.Tests.MemberTests

open Optc.Compiler
open Xunit

[<Fact>]
let ``numbers that agree to 15 digits are the same member`` () =
    Assert.Equal(Member.OfNumber 0.3, Member.OfNumber(0.1 + 0.2))
    Assert.Equal(Member.OfNumber 0.0, Member.OfNumber -0.0)
    Assert.NotEqual(Member.OfNumber 0.3, Member.OfNumber 0.30000000000001)

[<Fact>]
let ``a symbol is not the number it looks like`` () =
    Assert.NotEqual(Member.OfNumber 3.0, Member.OfSymbol "3")
    Assert.Equal(Member.OfSymbol "gold", Member.OfSymbol(System.String [| 'g'; 'o'; 'l'; 'd' |]))
