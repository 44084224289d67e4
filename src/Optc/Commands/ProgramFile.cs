using System.Diagnostics;
using Microsoft.FSharp.Core;
using Optc.Compiler;
using Optc.Parser;
using Optc.Runtime.Problems;
using Optc.Runtime.Readers;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Admm;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Cli.Commands;

/// <summary>A linear or quadratic program in a file of MPS or QPS form, in place of a model.</summary>
internal static class ProgramFile
{
    /// <summary>Whether the arguments name such a file; refuses what does not go with one.</summary>
    public static bool Is(string[] files, EngineOptions options)
    {
        if (!files.Any(MpsReader.Handles)) return false;
        if (files.Length > 1) throw new UsageException("a QPS or MPS file stands alone; give one file");
        if (options.DataFiles.Count > 0 || options.Settings.Count > 0 || options.Objective is not null || options.Starts > 1 || options.Sensitivity.Count > 0)
            throw new UsageException("--data, --set, --objective, --starts and --sensitivity are for models in .opt; a QPS or MPS file has all in itself");
        return true;
    }

    /// <summary>The program, or why there is none.</summary>
    public static (MpsModel? Model, EngineDiagnostic? Error) Read(string file)
    {
        try
        {
            return (MpsReader.ReadFile(file), null);
        }
        catch (MpsFormatException wrong)
        {
            return (null, Failure("qps", $"{file}: {wrong.Message}", wrong.Remedy));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, Failure("file", $"there is no file '{file}'", "check its name"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, Failure("file", $"'{file}' cannot be read: {e.Message}", "check its name"));
        }
    }

    /// <summary>Reads and solves: with admm, or with auglag where that is asked for or the Hessian is not convex.</summary>
    public static EngineResult Solve(string file, EngineOptions options)
    {
        string name = Name(file);
        long started = Stopwatch.GetTimestamp();
        (MpsModel? model, EngineDiagnostic? error) = Read(file);
        if (model is null) return new EngineResult(name, [error!], null, []);
        double readSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (options.Solver is not ("auto" or "admm" or "auglag"))
            return new EngineResult(name, [Failure("solver", $"{options.Solver} does not take programs from files", "leave the solver to optc, or name admm or auglag")], null, []);
        var notes = new List<string>(model.Notes);
        var request = new SolveRequest { TimeLimit = options.TimeLimit, Progress = options.Progress, Seed = options.Seed };
        started = Stopwatch.GetTimestamp();
        bool isGlobal = true;
        ISolver solver = options.Solver == "auglag" ? new AugmentedLagrangianSolver(EngineSettings.solverOptions(options)) : new AdmmSolver(QuadraticSolving.options(options));
        SolveResult result;
        try
        {
            result = solver.Solve(model.Program, request, options.Cancellation);
            isGlobal = solver is AdmmSolver || model.Program.Structure.IsConvex;
        }
        catch (NonconvexException e)
        {
            string evidence = $"{e.Message}: {e.Evidence(j => model.VariableNames[j])}";
            if (options.Solver == "admm")
                return new EngineResult(name, [Failure("nonconvex", $"admm solves convex programs, and {evidence}", "leave the solver to optc, or name auglag for a local answer")], null, []);
            notes.Add($"{evidence}; solved by auglag, the answer is a local one");
            isGlobal = false;
            solver = new AugmentedLagrangianSolver(new AugmentedLagrangianOptions { Tolerance = QuadraticSolving.options(options).Tolerance });
            result = solver.Solve(model.Program, request, options.Cancellation);
        }
        return new EngineResult(name, [], Solution(name, model, result, solver.Name, isGlobal, notes, readSeconds, Stopwatch.GetElapsedTime(started).TotalSeconds), []);
    }

    /// <summary>The file's name without its endings.</summary>
    public static string Name(string file)
    {
        string name = Path.GetFileName(file);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) name = name[..^3];
        return Path.GetFileNameWithoutExtension(name);
    }

    private static EngineDiagnostic Failure(string code, string message, string remedy) =>
        new(Diagnostics.create(Severity.Error, code, message, Span.None, FSharpOption<string>.Some(remedy)));

    private static ModelSolution Solution(
        string name, MpsModel model, SolveResult result, string solver, bool isGlobal, List<string> notes, double readSeconds, double solveSeconds)
    {
        QuadraticProgram program = model.Program;
        double sign = model.IsMaximised ? -1.0 : 1.0;
        bool isSolved = result.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;
        var variables = new SolutionEntry[program.VariableCount];
        for (int j = 0; j < variables.Length; j++)
            variables[j] = new SolutionEntry(model.VariableNames[j], result.Point[j], sign * result.BoundMultipliers[j], program.VariableLower[j], program.VariableUpper[j]);
        var constraints = new SolutionEntry[program.ConstraintCount];
        for (int i = 0; i < constraints.Length; i++)
            constraints[i] = new SolutionEntry(model.ConstraintNames[i], result.ConstraintValues[i], sign * result.ConstraintMultipliers[i], program.ConstraintLower[i], program.ConstraintUpper[i]);
        AuditReport audit = Audit(model, result, sign);
        return new ModelSolution
        {
            Model = name,
            Status = result.Status,
            SolverStatus = result.Status,
            Message = result.Message,
            IsGlobal = isGlobal && isSolved,
            ObjectiveName = model.ObjectiveName,
            Objective = sign * result.Objective,
            IsMaximised = model.IsMaximised,
            Objectives = new Dictionary<string, double> { [model.ObjectiveName] = sign * result.Objective },
            Variables = variables,
            Constraints = constraints,
            Residuals = result.Residuals,
            Audit = audit,
            OuterIterations = result.OuterIterations,
            InnerIterations = result.InnerIterations,
            Evaluations = result.Evaluations,
            ParseSeconds = readSeconds,
            SolveSeconds = solveSeconds,
            VariableCount = program.VariableCount,
            ConstraintCount = program.ConstraintCount,
            JacobianNonzeros = program.JacobianPattern.Count,
            HessianNonzeros = program.HessianPattern.Count,
            Class = program.Structure.Class == ProblemClass.Linear ? "linear" : "quadratic",
            Solver = solver,
            Notes = notes,
        };
    }

    /// <summary>The answer measured against the program as the file gives it.</summary>
    private static AuditReport Audit(MpsModel model, SolveResult result, double sign)
    {
        QuadraticProgram program = model.Program;
        var violations = new List<Violation>();
        for (int i = 0; i < program.ConstraintCount; i++)
        {
            double value = result.ConstraintValues[i], size = Math.Max(program.ConstraintLower[i] - value, value - program.ConstraintUpper[i]);
            if (KktResiduals.Violation(value, program.ConstraintLower[i], program.ConstraintUpper[i]) > 1e-6) violations.Add(new Violation(model.ConstraintNames[i], 1, size, model.ConstraintNames[i]));
        }
        return new AuditReport
        {
            Residuals = KktResiduals.Of(program, result.Point, result.ConstraintMultipliers, result.BoundMultipliers),
            Objective = sign * program.Objective(result.Point),
            IsComplete = true,
            CheckedConstraints = program.ConstraintCount,
            Violations = [.. violations.OrderByDescending(v => v.Largest)],
        };
    }
}
