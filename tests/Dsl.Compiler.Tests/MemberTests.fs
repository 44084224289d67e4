module Optc.Compiler.Tests.MemberTests

open Xunit

[<Fact>]
let ``placeholder`` () = Assert.Equal(1, Optc.Compiler.Placeholder.value)
