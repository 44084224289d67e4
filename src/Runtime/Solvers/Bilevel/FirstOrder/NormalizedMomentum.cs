using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Bilevel.FirstOrder;

/// <summary>
/// BO-REP (Hao, Gong and Liu, Bilevel optimization under unbounded smoothness: a new algorithm and convergence analysis, ICLR 2024): x moves by a
/// given length along a momentum of hypergradients, whatever their size, so that no bound of the leader's curvature is needed; y is refined at
/// the start and then visited periodically. The hypergradient ∇ₓF − ∇²ₓᵧf v has v = γ Σ (I − γ∇²ᵧᵧf)^q ∇ᵧF, a Neumann series. The projection onto X
/// is an addition to the paper, where x is free.
/// </summary>
public sealed class NormalizedMomentum(FirstOrderOptions options) : FirstOrderMethod
{
    /// <summary>Steps of the refinement at the start, in terms of those of a visit.</summary>
    private const int Refinement = 20;

    /// <summary>First length of a step where none is given; it falls by the root of the iterations.</summary>
    private const double FirstLength = 0.1;

    /// <inheritdoc/>
    public override string Name => "bo-rep";

    /// <inheritdoc/>
    public override FirstOrderResult Run(FirstOrderProblem problem, FirstOrderTrace? trace = null, Func<bool>? isOver = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Require(problem.Coupled.Count == 0 && problem.Follower.IsWhole, "followers without constraints and bounds");
        IBilevelOracle oracle = problem.Oracle;
        int n = oracle.LeaderCount, m = oracle.FollowerCount;
        var batch = new MiniBatch(oracle, options.Batch, new Random(options.Seed));
        double[] x = [.. problem.LeaderStart], y = [.. problem.FollowerStart];
        problem.Leader.Project(x);
        double[] v = new double[m], term = new double[m], d = new double[n], fy = new double[m], gx = new double[n], gy = new double[m], momentum = new double[n], next = new double[n];
        double gamma = options.FollowerStep > 0.0 ? options.FollowerStep : 1.0 / StepSizes.FollowerCurvature(oracle, x, y, 0.0, options.Seed, !batch.IsExact);
        double share = batch.IsExact ? 1.0 : options.Momentum, stationarity = double.NaN;
        Follow(Refinement * options.InnerIterations);
        int k = 0;
        for (; k < options.Iterations && isOver?.Invoke() != true; k++)
        {
            trace?.Invoke(k, batch.Samples, x, y);
            if (k > 0 && k % options.Period == 0) Follow(options.InnerIterations);
            batch.Draw();
            batch.Upper(x, y, d, fy);
            Neumann();
            // m ← (1 − β) m + β d,  x ← Π_X(x − η m/‖m‖)
            VectorKernels.Combine(k == 0 ? 0.0 : 1.0 - share, momentum, k == 0 ? 1.0 : share, d, momentum);
            double length = options.LeaderStep > 0.0 ? options.LeaderStep : FirstLength / Math.Sqrt(1.0 + k);
            double norm = VectorKernels.Norm2(momentum);
            if (!double.IsFinite(norm))
                return new FirstOrderResult(x, y, double.NaN, k, batch.Samples, "the Neumann series diverges: the followers' curvature grows along the way, or follower_step is too long");
            // ‖x − Π_X(x − αd)‖/α with the α of this step.
            double alpha = length / Math.Max(norm, double.Epsilon);
            VectorKernels.Combine(1.0, x, -Math.Min(alpha, 1e8), momentum, next);
            problem.Leader.Project(next);
            stationarity = norm == 0.0 ? 0.0 : VectorKernels.MaxAbsDifference(x, next) / alpha;
            if (batch.IsExact && stationarity <= options.Tolerance) break;
            next.CopyTo(x, 0);
        }
        return new FirstOrderResult(x, y, batch.IsExact ? stationarity : double.NaN, k, batch.Samples);

        // Gradient steps of f along y.
        void Follow(int steps)
        {
            for (int t = 0; t < steps && !IsOver(isOver, t); t++)
            {
                batch.Draw();
                batch.Lower(x, y, gx, gy);
                VectorKernels.AddScaled(-gamma, gy, y);
            }
        }

        // d ← d − ∇²ₓᵧf v.
        void Neumann()
        {
            VectorKernels.Scale(gamma, fy, term);
            term.CopyTo(v, 0);
            for (int q = 0; q < options.InnerIterations && !IsOver(isOver, q); q++)
            {
                batch.LowerProduct(x, y, term, gx, gy);
                VectorKernels.AddScaled(-gamma, gy, term);
                VectorKernels.AddScaled(1.0, term, v);
            }
            batch.LowerProduct(x, y, v, gx, gy);
            VectorKernels.AddScaled(-1.0, gx, d);
        }
    }
}
