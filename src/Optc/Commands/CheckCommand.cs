using System.CommandLine;
using System.Globalization;
using Optc.Cli.Checking;
using Optc.Cli.Rendering;
using Optc.Compiler;
using Optc.Runtime.Problems;
using Optc.Runtime.Readers;
using Optc.Runtime.Solvers.Admm;
using Optc.Runtime.Solvers.Bilevel;
using Optc.Runtime.Templates;

namespace Optc.Cli.Commands;

/// <summary><c>optc check</c>: what the compiler found in a model, and whether its derivatives are right.</summary>
internal sealed class CheckCommand
{
    private const int TemplateLimit = 40;
    private readonly ModelArguments _model = new();
    private readonly Option<bool> _noDerivatives = new("--no-derivatives") { Description = "skip the comparison with differences" };
    private readonly Option<string> _solver = new("--solver") { HelpName = "auto|cd|admm|projections", Description = "with cd: how the model splits for coordinate descent; with admm: its blocks, declared or found, or the cones it becomes; with projections: its operations; or which term stands in the way", DefaultValueFactory = _ => "auto" };
    private readonly CommandContext _context;

    private CheckCommand(CommandContext context) => _context = context;

    public static CommandEntry Create(CommandContext context)
    {
        var check = new CheckCommand(context);
        var command = new Command("check", "Check a model and its derivatives without solving it.");
        check._model.AddTo(command);
        command.Add(check._noDerivatives);
        check._solver.AcceptOnlyFromAmong("auto", "cd", "admm", "projections");
        command.Add(check._solver);
        return new CommandEntry(
            command,
            "check FILE… [options]",
            """
            Reads and compiles the model with its data and says what it is: sizes, class, sparsity, templates. Then compares
            gradient, Jacobian and Hessian with central differences at the start (moved slightly into the bounds): all columns
            of a small model, a seeded sample of a large one. Exit codes: 0 all well, 1 the model or its data are wrong,
            6 derivatives disagree.
            """,
            [
                ("optc check hs071.opt", "sizes, class, sparsity, derivatives"),
                ("optc check grid.opt --set n=10", "the same for a small instance"),
                ("optc check portfolio.opt --solver admm", "which constraint becomes which cone"),
                ("optc check lasso.opt --solver cd", "loss, penalties and bounds as coordinate descent takes them"),
                ("optc check sudoku.opt --solver projections", "the operations that projections takes it apart into"),
                ("optc check areas.opt --solver admm", "the blocks, what they share, what couples them"),
            ],
            check.Run);
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_solver) == "cd") return Show(Engine.Split(_model.Files(parsed), _model.Options(parsed, _context)), "composite, for coordinate descent");
        string[] files = _model.Files(parsed, takesPrograms: true);
        EngineOptions options = _model.Options(parsed, _context);
        if (ProgramFile.Is(files, options)) return CheckProgram(files[0]);
        options.Solver = parsed.GetValue(_solver)!;
        if (options.Solver == "admm")
        {
            SplitModel cones = Engine.Cones(files, options);
            if (cones.HasErrors || cones.Lines.Count > 0) return Show(cones, "a cone program");
        }
        if (options.Solver == "projections") return Show(Engine.Operations(files, options), "a feasibility problem, for projections");
        LoadedModel loaded = Engine.Load(files, options);
        DiagnosticText.Write(_context.Error, loaded.Diagnostics);
        if (loaded.HasErrors || loaded.Compiled is not { } compiled) return ExitCodes.ModelWrong;
        WriteSummary(loaded, compiled);
        WriteTemplates(compiled);
        return parsed.GetValue(_noDerivatives) || CompareDerivatives(compiled, _model.Seed(parsed)) ? ExitCodes.Done : ExitCodes.Failure;
    }

    /// <summary>Sizes and class of a program in a file, and whether it is convex.</summary>
    private int CheckProgram(string file)
    {
        (MpsModel? model, EngineDiagnostic? error) = ProgramFile.Read(file);
        if (model is null)
        {
            DiagnosticText.Write(_context.Error, [error!]);
            return ExitCodes.ModelWrong;
        }
        QuadraticProgram program = model.Program;
        int n = program.VariableCount, m = program.ConstraintCount, equations = 0, ranges = 0;
        for (int i = 0; i < m; i++)
        {
            if (program.ConstraintLower[i] == program.ConstraintUpper[i]) equations++;
            else if (double.IsFinite(program.ConstraintLower[i]) && double.IsFinite(program.ConstraintUpper[i])) ranges++;
        }
        int fixedCount = 0, free = 0;
        for (int j = 0; j < n; j++)
        {
            if (program.VariableLower[j] == program.VariableUpper[j]) fixedCount++;
            else if (double.IsInfinity(program.VariableLower[j]) && double.IsInfinity(program.VariableUpper[j])) free++;
        }
        NonconvexException? evidence = QpSolver.FindNonconvexity(program);
        TextWriter writer = _context.Out;
        writer.WriteLine($"{ProgramFile.Name(file)}: {ClassName(program.Structure.Class)}; {(evidence is null ? "convex: every answer is global" : "not convex: answers are local")}");
        writer.WriteLine($"  variables    {n}: {fixedCount} fixed, {free} free");
        writer.WriteLine($"  constraints  {m}: {equations} equations, {m - equations} inequalities, {ranges} of them ranges; {m} linear");
        writer.WriteLine($"  Jacobian     {program.JacobianPattern.Count} nonzeros{Density(program.JacobianPattern.Count, (double)n * m)}");
        writer.WriteLine($"  Hessian      {program.HessianPattern.Count} nonzeros in the lower triangle{Density(program.HessianPattern.Count, 0.5 * n * (n + 1.0))}");
        writer.WriteLine($"  objective    {model.ObjectiveName}, {(model.IsMaximised ? "maximize" : "minimize")}");
        if (evidence is not null) writer.WriteLine($"  note: {evidence.Message}: {evidence.Evidence(j => model.VariableNames[j])}");
        foreach (string note in model.Notes) writer.WriteLine($"  note: {note}");
        return ExitCodes.Done;
    }

    private int Show(SplitModel split, string what)
    {
        DiagnosticText.Write(_context.Error, split.Diagnostics);
        if (split.HasErrors) return ExitCodes.ModelWrong;
        _context.Out.WriteLine($"{split.Model}: {what}");
        foreach (string line in split.Lines) _context.Out.WriteLine($"  {line}");
        return ExitCodes.Done;
    }

    private void WriteSummary(LoadedModel loaded, CompiledModel compiled)
    {
        TemplateProblem problem = compiled.Problem;
        int n = problem.VariableCount, m = problem.ConstraintCount;
        ProblemStructure structure = problem.Structure;
        TextWriter writer = _context.Out;
        int equations = 0, linear = structure.ConstraintIsLinear.Count(isLinear => isLinear);
        for (int i = 0; i < m; i++)
        {
            if (problem.ConstraintLower[i] == problem.ConstraintUpper[i]) equations++;
        }
        int fixedCount = compiled.DeclaredCount + compiled.AuxiliaryCount - n;
        if (compiled.Bilevel is not null) writer.WriteLine($"{loaded.Model}: a bilevel program; without the followers' objectives {ClassName(structure.Class)}");
        else writer.WriteLine($"{loaded.Model}: {ClassName(structure.Class)}; {(structure.IsConvex ? "convex: every answer is global" : "not proved convex: answers are local")}");
        if (compiled.Bilevel is { } bilevel) WriteLower(writer, bilevel);
        writer.WriteLine($"  variables    {n}" + (fixedCount > 0 ? $", and {fixedCount} fixed" : "") + (compiled.AuxiliaryCount > 0 ? $"; {compiled.AuxiliaryCount} of epigraphs among them" : ""));
        writer.WriteLine($"  constraints  {m}: {equations} equations, {m - equations} inequalities; {linear} linear");
        writer.WriteLine($"  Jacobian     {problem.JacobianPattern.Count} nonzeros{Density(problem.JacobianPattern.Count, (double)n * m)}");
        writer.WriteLine($"  Hessian      {problem.HessianPattern.Count} nonzeros in the lower triangle{Density(problem.HessianPattern.Count, 0.5 * n * (n + 1.0))}");
        writer.WriteLine($"  templates    {compiled.Templates.Length}; {compiled.StageCount} stage values");
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  seconds      parse {loaded.ParseSeconds:F3}, compile {loaded.CompileSeconds:F3}: templates {compiled.Clock.TemplateSeconds:F3}, tables {compiled.Clock.TableSeconds:F3}"));
        foreach (string note in compiled.Notes) writer.WriteLine($"  note: {note}");
        if (loaded.Blocks.Count == 0) return;
        writer.WriteLine();
        foreach (string line in loaded.Blocks) writer.WriteLine($"  {line}");
    }

    private static void WriteLower(TextWriter writer, BilevelProblem bilevel)
    {
        string name = bilevel.Class.Value switch
        {
            LowerClass.Linear => "linear",
            LowerClass.ConvexQuadratic => "convex quadratic",
            LowerClass.Convex => "convex",
            _ => "not proved convex",
        };
        if (bilevel.IsStronglyConvex.Value) name = "strongly " + name;
        int count = bilevel.Followers.Count;
        writer.WriteLine($"  lower level  {(count == 1 ? "1 follower" : $"{count} followers")}, {name}: {bilevel.FollowerVariables.Length} variables, {bilevel.LowerRows.Length} constraints");
    }

    private void WriteTemplates(CompiledModel compiled)
    {
        if (compiled.Templates.Length == 0) return;
        _context.Out.WriteLine();
        var table = new TextTable("template", "kind", "instances", "slots", "gradient", "Hessian", "curvature") { LeftColumns = 2 };
        Curvature[] curvatures = compiled.Curvatures.Value;
        for (int k = 0; k < Math.Min(TemplateLimit, compiled.Templates.Length); k++)
        {
            Template t = compiled.Templates[k];
            string kind = t.IsLinear ? "linear" : t.IsQuadratic ? "quadratic" : "nonlinear";
            table.Add(t.Name, kind, Text(t.InstanceCount), Text(t.Slots.Length), Text(t.GradientSlots.Length), Text(t.HessianPairs.Length), CurvatureName(curvatures[k]));
        }
        table.Write(_context.Out);
        if (compiled.Templates.Length > TemplateLimit) _context.Out.WriteLine($"  … {compiled.Templates.Length - TemplateLimit} more templates");
    }

    /// <summary>Whether all derivatives that can be judged agree.</summary>
    private bool CompareDerivatives(CompiledModel compiled, int seed)
    {
        TextWriter writer = _context.Out;
        TemplateProblem problem = compiled.Problem;
        if (problem.VariableCount == 0) return true;
        var check = new DerivativeCheck(problem, column => ModelNames.variable(compiled, column), row => ModelNames.constraintRow(compiled, row), seed);
        check.Run(_context.Cancellation);
        writer.WriteLine();
        string extent = check.ColumnsChecked == problem.VariableCount ? "all columns" : $"{check.ColumnsChecked} of {problem.VariableCount} columns, seed {seed}";
        writer.WriteLine($"  derivatives against central differences near the start ({extent}, zeros outside the patterns too)");
        DerivativeReport[] reports = [check.Gradient, check.Jacobian, check.Hessian];
        foreach (DerivativeReport report in reports) WriteReport(report);
        return reports.All(r => r.Wrong == 0);
    }

    private void WriteReport(DerivativeReport report)
    {
        TextWriter writer = _context.Out;
        string skipped = report.Skipped > 0 ? $"; {report.Skipped} not judged: not smooth or not defined nearby" : "";
        if (report.Wrong == 0)
        {
            string bound = report.Largest == 0.0 ? "exactly" : $"to {AgreementText(report.Largest)}";
            writer.WriteLine(report.Checked == 0 ? $"  {report.Kind,-12} no entries checked{skipped}" : $"  {report.Kind,-12} all {report.Checked} entries checked agree {bound}{skipped}");
            return;
        }
        writer.WriteLine($"  {report.Kind,-12} {report.Wrong} of {report.Checked} entries DISAGREE{skipped}");
        foreach (Disagreement d in report.Disagreements)
            writer.WriteLine($"    {d.What}: the model says {TableRenderer.Number(d.Symbolic)}, differences {TableRenderer.Number(d.Numeric)}");
        if (report.Wrong > report.Disagreements.Count) writer.WriteLine($"    and {report.Wrong - report.Disagreements.Count} more");
    }

    /// <summary>The power of ten above a difference.</summary>
    private static string AgreementText(double difference) => "1e" + Text((int)Math.Ceiling(Math.Log10(difference)));

    private static string ClassName(ProblemClass c) => c switch
    {
        ProblemClass.EquationSystem => "a system of equations",
        ProblemClass.Linear => "a linear program",
        ProblemClass.Quadratic => "a quadratic program",
        ProblemClass.QuadraticallyConstrained => "a quadratically constrained program",
        _ => "a nonlinear program",
    };

    private static string CurvatureName(Curvature c) =>
        c.IsConstant ? "constant" : c.IsAffine ? "affine" : c.IsConvex ? "convex" : c.IsConcave ? "concave" : "unknown";

    private static string Density(int count, double size) =>
        size > 0.0 ? string.Create(CultureInfo.InvariantCulture, $", density {count / size:0.###%}") : "";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
