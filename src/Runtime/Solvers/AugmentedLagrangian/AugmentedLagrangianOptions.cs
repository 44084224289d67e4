using Optc.Runtime.Solvers.Inner;
using static Optc.Runtime.Solvers.OptionTable<Optc.Runtime.Solvers.AugmentedLagrangian.AugmentedLagrangianOptions>;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>What can be set of the augmented Lagrangian method. Immutable; <see cref="Validate"/> is called before a solve.</summary>
public sealed record AugmentedLagrangianOptions
{
    private readonly double? _acceptable;

    /// <summary>Residuals, scaled and unscaled, at which a problem is solved. Default 1e-8; from 1e-14 to 1e-1.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Residuals that are acceptable when no progress is possible. Default 1e-6, or <see cref="Tolerance"/> where that is larger; not below it.</summary>
    public double AcceptableTolerance { get => _acceptable ?? Math.Max(1e-6, Tolerance); init => _acceptable = value; }

    /// <summary>Limit on updates of multipliers and penalty. Default 5000; at least 1.</summary>
    public int MaxOuterIterations { get; init; } = 5000;

    /// <summary>Limit on Newton steps, all together. Default 3000; at least 0.</summary>
    public int MaxInnerIterations { get; init; } = 3000;

    /// <summary>First penalty ρ; 0 takes it from the objective and violation at the start. Default 0; at least 0.</summary>
    public double InitialPenalty { get; init; }

    /// <summary>Largest penalty ρ. Default 1e14; at least 1.</summary>
    public double MaxPenalty { get; init; } = 1e14;

    /// <summary>Factor by which a stalled violation raises ρ. Default 10; above 1.</summary>
    public double PenaltyFactor { get; init; } = 10.0;

    /// <summary>The violation must fall by this factor for ρ to stay. Default 0.25; between 0 and 1.</summary>
    public double ViolationDecrease { get; init; } = 0.25;

    /// <summary>Half-width of the safe box of the multipliers ŷ. Default 1e12; positive.</summary>
    public double MultiplierBound { get; init; } = 1e12;

    /// <summary>First barrier parameter μ of the inner solver. Default 0.1; positive.</summary>
    public double InitialBarrier { get; init; } = 0.1;

    /// <summary>Gradients at the start larger than this are scaled down to it; +∞ turns scaling off. Default 100; positive.</summary>
    public double ScalingMaxGradient { get; init; } = 100.0;

    /// <summary>A feasible point with an objective below this is taken as evidence of unboundedness. Default −1e20; negative.</summary>
    public double UnboundedBelow { get; init; } = -1e20;

    /// <summary>Whether Newton steps on the KKT system of the identified active set finish a solve. Default true.</summary>
    public bool FastFinish { get; init; } = true;

    /// <summary>Whether a problem with constraints is first tried by Newton's method with a filter. Default true.</summary>
    public bool Filter { get; init; } = true;

    /// <summary>How subproblems are minimised (docs/inner.md). Default <see cref="InnerMethod.Auto"/>.</summary>
    public InnerMethod Inner { get; init; }

    /// <summary>Pairs of vectors that inner=lbfgs keeps. Default 10; 1 to 1000.</summary>
    public int LbfgsMemory { get; init; } = 10;

    /// <summary>Degree τ of the polynomial preconditioner of inner=cg; each application costs τ products with the Hessian. Default 0; 0 to 4.</summary>
    public int CgDegree { get; init; }

    /// <summary>Dimensions of the Krylov space of inner=saddle-free. Default 100; at least 1.</summary>
    public int KrylovDimension { get; init; } = 100;

    /// <summary>Gigabytes that a factor may take before inner=auto changes to conjugate gradients; 0 is half of the memory that there is. Default 0; at least 0.</summary>
    public double MemoryLimit { get; init; }

    /// <summary>
    /// Whether <see cref="Optc.Runtime.Solvers.Presolve.PresolvingSolver"/> goes before the solver where models are solved from files. The solver by itself does
    /// not presolve. Default true.
    /// </summary>
    public bool Presolve { get; init; } = true;

    /// <summary>The options by name.</summary>
    public static OptionTable<AugmentedLagrangianOptions> Table { get; } = new(
    [
        Number("tolerance", "1e-14 .. 1e-1", "residuals at which a problem is solved", d => d.Tolerance, (o, v) => o with { Tolerance = v }),
        Number("acceptable_tolerance", "tolerance .. 1", "residuals accepted when no progress is possible", d => d.AcceptableTolerance, (o, v) => o with { AcceptableTolerance = v }),
        Whole("max_outer", "a whole number >= 1", "limit on multiplier and penalty updates", d => d.MaxOuterIterations, (o, v) => o with { MaxOuterIterations = v }),
        Whole("max_inner", "a whole number >= 0", "limit on Newton steps", d => d.MaxInnerIterations, (o, v) => o with { MaxInnerIterations = v }),
        Number("initial_penalty", "a number >= 0, 0 = automatic", "first penalty", d => d.InitialPenalty, (o, v) => o with { InitialPenalty = v }),
        Number("max_penalty", "a number >= 1", "largest penalty", d => d.MaxPenalty, (o, v) => o with { MaxPenalty = v }),
        Number("penalty_factor", "a number > 1", "factor by which a stalled violation raises the penalty", d => d.PenaltyFactor, (o, v) => o with { PenaltyFactor = v }),
        Number("violation_decrease", "a number between 0 and 1", "fall of the violation that keeps the penalty", d => d.ViolationDecrease, (o, v) => o with { ViolationDecrease = v }),
        Number("multiplier_bound", "a number > 0", "half-width of the safe box of the multipliers", d => d.MultiplierBound, (o, v) => o with { MultiplierBound = v }),
        Number("initial_barrier", "a number > 0", "first barrier parameter of the inner solver", d => d.InitialBarrier, (o, v) => o with { InitialBarrier = v }),
        Number("scaling_max_gradient", "a number > 0, Infinity = no scaling", "gradients at the start are scaled down to this", d => d.ScalingMaxGradient, (o, v) => o with { ScalingMaxGradient = v }),
        Number("unbounded_below", "a number < 0", "feasible objective taken as unbounded", d => d.UnboundedBelow, (o, v) => o with { UnboundedBelow = v }),
        new("inner", InnerMethods.Range, "how subproblems are minimised", "auto", (o, text) => o with { Inner = InnerMethods.Parse(text) }),
        Whole("lbfgs_memory", "1 .. 1000", "pairs of vectors that inner=lbfgs keeps", d => d.LbfgsMemory, (o, v) => o with { LbfgsMemory = v }),
        Whole("cg_degree", "0 .. 4", "degree of the polynomial preconditioner of inner=cg", d => d.CgDegree, (o, v) => o with { CgDegree = v }),
        Whole("krylov_dimension", "a whole number >= 1", "dimensions of the Krylov space of inner=saddle-free", d => d.KrylovDimension, (o, v) => o with { KrylovDimension = v }),
        Number("memory_limit", "gigabytes >= 0, 0 = half of the memory", "larger factors make inner=auto change to cg", d => d.MemoryLimit, (o, v) => o with { MemoryLimit = v }),
        new("filter", "yes or no", "try Newton's method with a filter first", "yes", (o, text) => o with { Filter = Flag(text) }),
        new("presolve", "yes or no", "take out what linear constraints and bounds decide beforehand", "yes", (o, text) => o with { Presolve = Flag(text) }),
        new("fast_finish", "yes or no", "finish by Newton steps on the active set", "yes", (o, text) => o with { FastFinish = Flag(text) }),
    ]);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Table.Require(Tolerance is >= 1e-14 and <= 1e-1, "tolerance", Tolerance);
        Table.Require(AcceptableTolerance >= Tolerance && AcceptableTolerance <= 1.0, "acceptable_tolerance", AcceptableTolerance);
        Table.Require(MaxOuterIterations >= 1, "max_outer", MaxOuterIterations);
        Table.Require(MaxInnerIterations >= 0, "max_inner", MaxInnerIterations);
        Table.Require(InitialPenalty >= 0.0 && double.IsFinite(InitialPenalty), "initial_penalty", InitialPenalty);
        Table.Require(MaxPenalty >= 1.0, "max_penalty", MaxPenalty);
        Table.Require(PenaltyFactor > 1.0 && double.IsFinite(PenaltyFactor), "penalty_factor", PenaltyFactor);
        Table.Require(ViolationDecrease is > 0.0 and < 1.0, "violation_decrease", ViolationDecrease);
        Table.Require(MultiplierBound > 0.0, "multiplier_bound", MultiplierBound);
        Table.Require(InitialBarrier > 0.0 && double.IsFinite(InitialBarrier), "initial_barrier", InitialBarrier);
        Table.Require(ScalingMaxGradient > 0.0, "scaling_max_gradient", ScalingMaxGradient);
        Table.Require(LbfgsMemory is >= 1 and <= 1000, "lbfgs_memory", LbfgsMemory);
        Table.Require(CgDegree is >= 0 and <= 4, "cg_degree", CgDegree);
        Table.Require(KrylovDimension >= 1, "krylov_dimension", KrylovDimension);
        Table.Require(MemoryLimit >= 0.0 && double.IsFinite(MemoryLimit), "memory_limit", MemoryLimit);
        Table.Require(UnboundedBelow < 0.0, "unbounded_below", UnboundedBelow);
    }
}
