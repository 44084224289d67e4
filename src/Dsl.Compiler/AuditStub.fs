namespace Optc.Compiler
open Optc.Runtime.Solution
module Audit =
    let run (model: Model) (ev: Evaluator) (limit: int) (seed: int) = AuditReport(Residuals = Residuals(0.0,0.0,0.0), Objective = 0.0, IsComplete = true, CheckedConstraints = 0, Violations = [||])
module Diagnose =
    let atPoint (model: Model) (ev: Evaluator) : Optc.Parser.Diagnostic option = None
