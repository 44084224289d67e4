namespace Optc.Compiler

open Optc.Parser

/// From a model to its .nl form.
module NlExport =
    /// The model as it stands. Raises ModelError.
    let make (model: Model) (evaluator: Evaluator) : NlProblem =
        let source = NlSource.make model evaluator

        if source.Declared = 0 then
            Errors.failWithHint "empty" Span.None "the model has no variables, and a .nl file must have one" "declare a variable"

        if source.RowOwner.Length + source.Objectives.Length = 0 then
            Errors.failWithHint "empty" Span.None "the model has neither an objective nor a constraint, and a .nl file must have one"
                "declare an objective or a constraint"

        NlErrors.guard model (fun () -> NlProblem(NlModel source))
