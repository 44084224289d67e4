namespace Optc.Compiler

open Optc.Parser

/// The parts of the evaluator call each other through this: expressions to closures over a frame.
type ICompile =
    abstract Model: Model
    abstract Kinds: Kinds
    abstract Number: Scope -> Expr -> (Frame -> float)
    abstract Logic: Scope -> Expr -> (Frame -> bool)
    abstract Member: Scope -> Expr -> (Frame -> Member)
    abstract Set: Scope -> Expr -> (Frame -> IndexSet)
    abstract Indexing: Scope -> Indexing -> Scope * IndexingPlan
