using static Optc.Runtime.Solvers.OptionTable<Optc.Runtime.Solvers.Admm.AdmmOptions>;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>Which iteration of the splitting looks for certificates of infeasibility.</summary>
public enum InfeasibilityDetection
{
    /// <summary>u ← T(u).</summary>
    Plain,

    /// <summary>Halpern's: u is drawn back to where it began.</summary>
    Halpern,
}

/// <summary>What can be set of the solver of convex quadratic programs. Immutable; <see cref="Validate"/> is called before a solve.</summary>
public sealed record AdmmOptions
{
    private readonly double? _acceptable;

    /// <summary>Relative residuals and gap at which a program is solved. Default 1e-8; from 1e-12 to 1e-1.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Residuals that are acceptable when no progress is possible. Default 1e-6, or <see cref="Tolerance"/> where that is larger; not below it.</summary>
    public double AcceptableTolerance { get => _acceptable ?? Math.Max(1e-6, Tolerance); init => _acceptable = value; }

    /// <summary>Iterations of the splitting before the finish takes over; null, the default, for none from nowhere and 200 from a start. At least 0.</summary>
    public int? SplittingIterations { get; init; }

    /// <summary>Iterations of the splitting when there is no finish, or when it failed. Default 20000; at least 1.</summary>
    public int MaxIterations { get; init; } = 20000;

    /// <summary>Newton steps of the finish. Default 300; at least 1.</summary>
    public int MaxFinishIterations { get; init; } = 300;

    /// <summary>Whether the proximal interior-point method and the active-set polish finish a solve; without, it is ADMM alone. Default true.</summary>
    public bool Finish { get; init; } = true;

    /// <summary>Whether P, A are equilibrated. Default true.</summary>
    public bool Scaling { get; init; } = true;

    /// <summary>First penalty ρ of inequalities. Default 0.1; positive.</summary>
    public double InitialPenalty { get; init; } = 0.1;

    /// <summary>Whether ρ is adapted to the ratio of the residuals. Default true.</summary>
    public bool AdaptivePenalty { get; init; } = true;

    /// <summary>Over-relaxation α. Default 1.6; between 0 and 2.</summary>
    public double Relaxation { get; init; } = 1.6;

    /// <summary>Steps that Anderson's acceleration remembers; 0 turns it off. Default 5; at most 20.</summary>
    public int AndersonMemory { get; init; } = 5;

    /// <summary>The iteration whose residual T(u) − u is tested for certificates. Default <see cref="InfeasibilityDetection.Plain"/>.</summary>
    public InfeasibilityDetection Detection { get; init; } = InfeasibilityDetection.Plain;

    /// <summary>Iterations between tests of the residuals. Default 10; at least 1.</summary>
    public int CheckInterval { get; init; } = 10;

    /// <summary>The options by name.</summary>
    public static OptionTable<AdmmOptions> Table { get; } = new(
    [
        Number("tolerance", "1e-12 .. 1e-1", "relative residuals and gap at which a program is solved", d => d.Tolerance, (o, v) => o with { Tolerance = v }),
        Number("acceptable_tolerance", "tolerance .. 1", "residuals accepted when no progress is possible", d => d.AcceptableTolerance, (o, v) => o with { AcceptableTolerance = v }),
        new("splitting", "a whole number >= 0, auto", "iterations of the splitting before the finish; auto: 200 from a start, else none", "auto", (o, text) => o with { SplittingIterations = text == "auto" ? null : Whole(text) }),
        Whole("max_iter", "a whole number >= 1", "iterations of the splitting without a finish", d => d.MaxIterations, (o, v) => o with { MaxIterations = v }),
        Whole("max_finish", "a whole number >= 1", "Newton steps of the finish", d => d.MaxFinishIterations, (o, v) => o with { MaxFinishIterations = v }),
        Flag("finish", "finish by a proximal interior-point method and an active-set polish", d => d.Finish, (o, v) => o with { Finish = v }),
        Flag("scaling", "equilibrate the matrices", d => d.Scaling, (o, v) => o with { Scaling = v }),
        Number("rho", "a number > 0", "first penalty", d => d.InitialPenalty, (o, v) => o with { InitialPenalty = v }),
        Flag("adaptive_rho", "adapt the penalty to the residuals", d => d.AdaptivePenalty, (o, v) => o with { AdaptivePenalty = v }),
        Number("alpha", "a number between 0 and 2", "over-relaxation", d => d.Relaxation, (o, v) => o with { Relaxation = v }),
        Whole("anderson", "0 .. 20, 0 = off", "memory of Anderson's acceleration", d => d.AndersonMemory, (o, v) => o with { AndersonMemory = v }),
        new("detection", "plain, halpern", "iteration that certificates of infeasibility are looked for with", "plain", (o, text) => o with { Detection = DetectionOf(text) }),
        Whole("check", "a whole number >= 1", "iterations between tests of the residuals", d => d.CheckInterval, (o, v) => o with { CheckInterval = v }),
    ]);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Table.Require(Tolerance is >= 1e-12 and <= 1e-1, "tolerance", Tolerance);
        Table.Require(AcceptableTolerance >= Tolerance && AcceptableTolerance <= 1.0, "acceptable_tolerance", AcceptableTolerance);
        Table.Require(SplittingIterations is null or >= 0, "splitting", SplittingIterations ?? 0);
        Table.Require(MaxIterations >= 1, "max_iter", MaxIterations);
        Table.Require(MaxFinishIterations >= 1, "max_finish", MaxFinishIterations);
        Table.Require(InitialPenalty > 0.0 && double.IsFinite(InitialPenalty), "rho", InitialPenalty);
        Table.Require(Relaxation is > 0.0 and < 2.0, "alpha", Relaxation);
        Table.Require(AndersonMemory is >= 0 and <= 20, "anderson", AndersonMemory);
        Table.Require(CheckInterval >= 1, "check", CheckInterval);
    }

    private static InfeasibilityDetection DetectionOf(string text) => text switch
    {
        "plain" => InfeasibilityDetection.Plain,
        "halpern" => InfeasibilityDetection.Halpern,
        _ => throw new FormatException($"'{text}' is neither plain nor halpern"),
    };
}
