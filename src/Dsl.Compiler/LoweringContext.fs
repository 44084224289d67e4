namespace Optc.Compiler

open Optc.Parser
open Optc.Runtime.Templates

/// What the parts of a lowering have in common.
type LoweringContext =
    { Model: Model
      Evaluator: Evaluator
      Analysis: Analysis
      Summands: Summands
      Kinks: Kinks
      Data: DataLowering
      Shared: SharedValues
      Rows: LoweredRows
      /// Null where norms stay as written
      Rounding: NormRounding | null }

/// The lowering as its parts see it.
type ILowering =
    /// The node of an expression. `direction`: +1 where the row wants the value small, -1 large, 0 neither.
    abstract Lower: b: ShapeBuilder * scope: Scope * direction: int * e: Expr -> int
    /// The tables of an expression's terms, in a scope
    abstract NewTables: name: string * target: TemplateTarget * scope: Scope * direction: int * e: Expr -> TermTable[]
    /// The table of one term
    abstract NewTable: name: string * target: TemplateTarget * term: Term -> TermTable
