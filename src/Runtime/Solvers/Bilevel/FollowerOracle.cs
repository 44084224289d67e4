using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.MultiStart;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>What the followers answer to a decision of the leader.</summary>
internal sealed class FollowerAnswer
{
    /// <summary>Solved where an answer was found; else why there is none.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>The joint point with the leader's variables as asked for.</summary>
    public required double[] Point { get; init; }

    /// <summary>Multipliers in the order of <see cref="BilevelProblem.LowerRows"/>.</summary>
    public required double[] Multipliers { get; init; }

    /// <summary>Multipliers of bounds in the order of <see cref="BilevelProblem.FollowerVariables"/>.</summary>
    public required double[] BoundMultipliers { get; init; }

    /// <summary>f of each follower, minimised.</summary>
    public required double[] Values { get; init; }

    /// <summary>Σ f.</summary>
    public double Value => Values.Sum();

    /// <summary>Whether there is an answer.</summary>
    public bool IsSolved => Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;
}

/// <summary>
/// Solves the followers' problems at fixed decisions of the leader: once where they are proved convex, from several starts where
/// they are not. Followers are independent, so that they are solved together, and of all starts each keeps its own best answer.
/// </summary>
internal sealed class FollowerOracle
{
    private const int MaxSteps = 300;

    /// <summary>Violation up to which a point of the followers bounds their value.</summary>
    private const double FeasibleEnough = 1e-8;

    /// <summary>Relative difference by which an unsolved point must be better than an answer to count against it.</summary>
    private const double UnsolvedMargin = 1e-6;

    private readonly BilevelProblem _problem;
    private readonly BilevelPart _part;
    private readonly AugmentedLagrangianSolver _solver;
    private readonly BilevelOptions _options;
    private readonly Func<double> _secondsLeft;
    private readonly CancellationToken _cancellation;
    private readonly int _seed;

    public FollowerOracle(
        BilevelProblem problem, BilevelOptions options, AugmentedLagrangianOptions inner, Func<double> secondsLeft, int seed, CancellationToken cancellation)
    {
        _problem = problem;
        _part = problem.Lower;
        _options = options;
        _solver = new AugmentedLagrangianSolver(inner with { MaxInnerIterations = Math.Min(inner.MaxInnerIterations, MaxSteps) });
        _secondsLeft = secondsLeft;
        _cancellation = cancellation;
        _seed = seed;
    }

    /// <summary>Number of solves.</summary>
    public int Solves { get; private set; }

    /// <summary>Starts that are used where followers are not proved convex.</summary>
    public int Starts => _problem.Class.Value == LowerClass.Nonconvex ? _options.LowerStarts : 1;

    /// <summary>
    /// The followers' answer to the leader's variables of a joint point. Its own followers' variables are the first start, other
    /// points at hand the next, then random ones.
    /// </summary>
    public FollowerAnswer Answer(double[] point, IReadOnlyList<double[]> hints, int starts)
    {
        _part.FixLeader(point, _problem.FollowerOf);
        INlpProblem lower = _part.Problem;
        int followers = _problem.Followers.Count;
        var best = (double[])point.Clone();
        var multipliers = new double[_problem.LowerRows.Length];
        var bounds = new double[_problem.FollowerVariables.Length];
        var values = new double[followers];
        Array.Fill(values, double.PositiveInfinity);
        var trial = new double[followers];
        var worst = SolveStatus.NumericalFailure;
        bool isUnbounded = false, isStopped = false;
        var isAnswered = new bool[followers];
        double[] own = Followers(point);
        int count = Math.Max(1, starts) + hints.Count;
        for (int k = 0; k < count && !isUnbounded && !isStopped; k++)
        {
            double[] start = k == 0 ? own : k <= hints.Count ? hints[k - 1] : StartingPoints.Draw(lower, own, _seed, k - hints.Count);
            SolveResult at = Solve(lower, start);
            if (at.Status is SolveStatus.TimeLimit or SolveStatus.Interrupted) isStopped = true;
            if (at.Status == SolveStatus.Unbounded) isUnbounded = true;
            bool isSolved = at.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;
            if (!isSolved)
            {
                worst = at.Status;
                // A convex problem whose first solve fails is tried from other points too.
                if (starts == 1 && count < hints.Count + 3 && at.Status is not SolveStatus.Infeasible) count++;
                // Any feasible point bounds v from above, whether its solve has ended or not.
                if (!at.Point.All(double.IsFinite) || !(at.Residuals.Feasibility <= FeasibleEnough)) continue;
            }
            double[] joint = Joint(point, at.Point);
            _problem.FollowerValues(joint, trial);
            double margin = isSolved ? 1e-9 : UnsolvedMargin;
            for (int f = 0; f < followers; f++)
            {
                if (!(trial[f] < values[f] - (margin * Math.Max(1.0, Math.Abs(values[f]))) || (double.IsPositiveInfinity(values[f]) && double.IsFinite(trial[f])))) continue;
                values[f] = trial[f];
                isAnswered[f] = isSolved;
                Take(f, joint, at, best, multipliers, bounds);
            }
            // A solution at the level of a point that was not known to be one.
            for (int f = 0; f < followers; f++)
            {
                if (!isSolved || isAnswered[f] || !(trial[f] <= values[f] + (UnsolvedMargin * Math.Max(1.0, Math.Abs(values[f]))))) continue;
                values[f] = trial[f];
                isAnswered[f] = true;
                Take(f, joint, at, best, multipliers, bounds);
            }
        }
        SolveStatus status = isUnbounded ? SolveStatus.Unbounded : isAnswered.All(a => a) ? SolveStatus.Solved : worst;
        return new FollowerAnswer { Status = status, Point = best, Multipliers = multipliers, BoundMultipliers = bounds, Values = values };
    }

    /// <summary>The followers' part of a joint point.</summary>
    public double[] Followers(double[] point) => [.. _problem.FollowerVariables.Select(j => point[j])];

    /// <summary>A joint point with other followers' variables.</summary>
    public double[] Joint(double[] point, ReadOnlySpan<double> followers)
    {
        var joint = (double[])point.Clone();
        for (int k = 0; k < followers.Length; k++) joint[_problem.FollowerVariables[k]] = followers[k];
        return joint;
    }

    private SolveResult Solve(INlpProblem lower, double[] start)
    {
        Solves++;
        return _solver.Solve(lower, new SolveRequest { Start = start, TimeLimit = Math.Max(0.0, _secondsLeft()), Seed = _seed }, _cancellation);
    }

    private void Take(int follower, double[] joint, SolveResult at, double[] best, double[] multipliers, double[] bounds)
    {
        for (int k = 0; k < _problem.FollowerVariables.Length; k++)
        {
            int j = _problem.FollowerVariables[k];
            if (_problem.FollowerOf[j] != follower) continue;
            best[j] = joint[j];
            bounds[k] = at.BoundMultipliers[k];
        }
        for (int r = 0; r < multipliers.Length; r++)
        {
            if (_problem.LowerRowFollower[r] == follower) multipliers[r] = at.ConstraintMultipliers[r];
        }
    }
}
