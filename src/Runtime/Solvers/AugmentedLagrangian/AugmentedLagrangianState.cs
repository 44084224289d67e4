using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The workspace of one problem shape: everything that a solve needs is allocated here, once; a second solve of a problem
/// with the same patterns reuses it, the symbolic factorisation included.
/// </summary>
internal sealed class AugmentedLagrangianState
{
    private readonly SparsePattern _jacobianPattern;
    private readonly SparsePattern _hessianPattern;

    public AugmentedLagrangianState(INlpProblem problem)
    {
        int n = problem.VariableCount, m = problem.ConstraintCount;
        _jacobianPattern = problem.JacobianPattern;
        _hessianPattern = problem.HessianPattern;
        Problem = new ScaledProblem(problem);
        Model = new AugmentedLagrangianModel(Problem);
        Inner = new BarrierNewton(Model, n + m);
        Filter = new FilterNewton(Model, n + m, m);
        Finish = new ActiveSetNewton(Model, n + m);
        Residuals = new KktResiduals(n, m, _jacobianPattern.Count);
        X = new double[n];
        Y = new double[m];
        Z = new double[n];
        FinishX = new double[n];
        FinishY = new double[m];
        FinishZ = new double[n];
        BestX = new double[n];
        BestY = new double[m];
        BestZ = new double[n];
        FirstX = new double[n];
        Work = new double[n + m];
        Work2 = new double[n + m];
        SavedMultipliers = new double[m];
        SavedShifted = new double[m];
    }

    public ScaledProblem Problem { get; }

    public AugmentedLagrangianModel Model { get; }

    public BarrierNewton Inner { get; }

    public FilterNewton Filter { get; }

    public ActiveSetNewton Finish { get; }

    /// <summary>Asked in factorisations and line searches whether to give up.</summary>
    public Func<bool> Interrupt
    {
        set
        {
            Model.Interrupt = value;
            Inner.Interrupt = value;
            Filter.Interrupt = value;
        }
    }

    /// <summary>Independent residuals of the unscaled problem.</summary>
    public KktResiduals Residuals { get; }

    /// <summary>Unscaled point and multipliers of the current iterate.</summary>
    public double[] X { get; }

    public double[] Y { get; }

    public double[] Z { get; }

    /// <summary>The best point by residuals of the fast finish, unscaled.</summary>
    public double[] FinishX { get; }

    public double[] FinishY { get; }

    public double[] FinishZ { get; }

    /// <summary>The best point by (feasibility, objective) with its multipliers, unscaled.</summary>
    public double[] BestX { get; }

    public double[] BestY { get; }

    public double[] BestZ { get; }

    /// <summary>The first iterate, unscaled: what variables have grown from.</summary>
    public double[] FirstX { get; }

    /// <summary>Feasible points with ever lower objectives.</summary>
    public FeasiblePoint[] Sequence { get; } = new FeasiblePoint[40];

    public double[] Work { get; }

    public double[] Work2 { get; }

    public double[] SavedMultipliers { get; }

    public double[] SavedShifted { get; }

    /// <summary>Whether this workspace fits the problem.</summary>
    public bool Fits(INlpProblem problem) =>
        problem.VariableCount == X.Length && problem.ConstraintCount == Y.Length
        && Same(problem.JacobianPattern, _jacobianPattern) && Same(problem.HessianPattern, _hessianPattern);

    private static bool Same(SparsePattern a, SparsePattern b) =>
        ReferenceEquals(a, b)
        || (a.Starts.AsSpan().SequenceEqual(b.Starts) && a.Indices.AsSpan(0, a.Count).SequenceEqual(b.Indices.AsSpan(0, b.Count)));
}
