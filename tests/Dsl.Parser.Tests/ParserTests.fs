module Optc.Parser.Tests.ParserTests

open Xunit
open Optc.Parser

[<Fact>]
let ``positions count from one`` () =
    let struct (line, column) = Source("a", "x\nyz").Position(3)
    Assert.Equal((2, 2), (line, column))
