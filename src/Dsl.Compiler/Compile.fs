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
    /// Position of subscripts in the entity's domain; outside is an error.
    abstract Position: Scope -> Entity -> Expr list -> Span -> (Frame -> int)
    /// What a name means, or an error with the nearest name.
    abstract Entity: Scope -> string -> Span -> Entity
