namespace Optc.Compiler

open Optc.Parser

/// What is known of data when a shape is lowered: columns of numbers, and facts by which instances part.
[<Sealed>]
type DataLowering(evaluator: Evaluator, analysis: Analysis, summands: Summands) =
    /// The node of an expression without variables.
    member _.Number(b: ShapeBuilder, scope: Scope, e: Expr) : int =
        if analysis.IsLiteral e then
            b.Graph.Constant(evaluator.Number(scope, e) (Scope.NewFrame()))
        else
            b.Once(
                "datum",
                scope,
                e,
                fun () ->
                    b.Datum
                        { Label = SourceText.ofExpression e
                          Value = evaluator.Number(ShapeBuilder.Deep(scope, e.Span), e)
                          IsUniform = (analysis.FreeDummies(scope, e)).IsEmpty
                          IsAdjusted = false }
            )

    /// A fact about data: looked up now when it is the same for all instances, else decided per instance.
    member _.Fact(b: ShapeBuilder, scope: Scope, e: Expr, fact: Scope -> Frame -> int) : int =
        let decide = fact (ShapeBuilder.Deep(scope, e.Span))
        summands.Fixes e

        if (analysis.FreeDummies(scope, e)).IsEmpty then
            decide (Scope.NewFrame())
        else
            b.Decide decide

    /// Whether a condition on data holds.
    member this.Holds(b: ShapeBuilder, scope: Scope, condition: Expr) : bool =
        this.Fact(
            b,
            scope,
            condition,
            fun deep ->
                let holds = evaluator.Logic(deep, condition)
                fun frame -> if holds frame then 1 else 0
        ) = 1

    /// -1, 0 or 1; for the direction of kinks only.
    member this.SignOf(b: ShapeBuilder, scope: Scope, e: Expr) : int =
        this.Fact(
            b,
            scope,
            e,
            fun deep ->
                let value = evaluator.Number(deep, e)
                fun frame -> sign (value frame)
        )
