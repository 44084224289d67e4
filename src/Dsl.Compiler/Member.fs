namespace Optc.Compiler

module Placeholder =
    let value = 1
