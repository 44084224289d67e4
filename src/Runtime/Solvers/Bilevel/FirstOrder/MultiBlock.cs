using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Bilevel.FirstOrder;

/// <summary>
/// Blockwise stochastic variance reduction with tracked Hessian-vector products (Hu, Qiu, Guo, Zhang and Yang, Blockwise stochastic variance-reduced
/// methods with parallel speedup for multi-block bilevel optimization, ICML 2023, the second of its two methods). Of m followers a few are drawn in each
/// iteration, of each a few samples; their gradients s_i = ∇ᵧfᵢ and u_i = ∇²ᵧᵧfᵢ v_i − ∇ᵧFᵢ are followed by MSVR, the hypergradient z by STORM.
/// </summary>
public sealed class MultiBlock(FirstOrderOptions options) : FirstOrderMethod
{
    /// <summary>Share of the reciprocal curvature that x moves by when no step is given.</summary>
    private const double LeaderShare = 0.1;

    /// <summary>Share of these steps with samples: corrections for missed visits magnify what changes.</summary>
    private const double SampledShare = 0.1;

    /// <inheritdoc/>
    public override string Name => "mb-vr";

    /// <inheritdoc/>
    public override FirstOrderResult Run(FirstOrderProblem problem, FirstOrderTrace? trace = null, Func<bool>? isOver = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Require(problem.Coupled.Count == 0 && problem.Follower.IsWhole, "followers without constraints and bounds");
        Require(problem.Blocks.Count > 0, "a leader's objective that is a sum over followers");
        var random = new Random(options.Seed);
        int m = problem.Blocks.Count, n = problem.Leader.Count, drawn = options.BlockBatch > 0 ? Math.Min(options.BlockBatch, m) : m;
        double[] x = [.. problem.LeaderStart];
        problem.Leader.Project(x);
        var blocks = new Block[m];
        int at = 0;
        for (int i = 0; i < m; i++)
        {
            int count = problem.Blocks[i].FollowerCount;
            blocks[i] = new Block(problem.Blocks[i], problem.FollowerStart.AsSpan(at, count), options, random);
            at += count;
        }
        double curvature = blocks.Max(b => StepSizes.FollowerCurvature(b.Oracle, x, b.Y, 0.0, options.Seed, !b.Batch.IsExact));
        bool isExact = drawn == m && blocks.All(b => b.Batch.IsExact);
        double tau = options.FollowerStep > 0.0 ? options.FollowerStep : (isExact ? 1.0 : SampledShare) / curvature;
        double alpha = options.LeaderStep > 0.0 ? options.LeaderStep : LeaderShare * (isExact ? 1.0 : SampledShare) / curvature;
        double eta = isExact ? 1.0 : options.Momentum;
        // What an unvisited block has missed since its last visit comes with this weight in expectation.
        double gamma = eta == 1.0 ? 0.0 : ((m - drawn) / (drawn * (1.0 - eta))) + (1.0 - eta);
        double[] before = [.. x], next = new double[n], y = [.. problem.FollowerStart], now = new double[n], then = new double[n];
        var z = new RecursiveGradient(n);
        int[] order = [.. Enumerable.Range(0, m)];
        double stationarity = double.NaN;
        int k = 0;
        for (; k < options.Iterations && isOver?.Invoke() != true; k++)
        {
            if (trace is not null) Report(trace, k);
            Draw(order, k == 0 ? m : drawn, random);
            now.AsSpan().Clear();
            then.AsSpan().Clear();
            int count = k == 0 ? m : drawn;
            for (int t = 0; t < count; t++) blocks[order[t]].Estimate(x, before, k > 0 && !isExact, eta, gamma, 1.0 / count, now, then);
            // z ← (1 − β)(z − G_before) + G_now,  x ← Π_X(x − α z)
            z.Update(now, then, eta, 1.0 - eta);
            x.CopyTo(before, 0);
            for (int i = 0; i < m; i++) blocks[i].Remember();
            for (int t = 0; t < count; t++) blocks[order[t]].Step(tau);
            VectorKernels.Combine(1.0, x, -alpha, z.Value, next);
            problem.Leader.Project(next);
            stationarity = VectorKernels.MaxAbsDifference(x, next) / alpha;
            next.CopyTo(x, 0);
            if (!double.IsFinite(stationarity)) return new FirstOrderResult(x, y, double.NaN, k, Samples(), "the steps diverge; smaller leader_step or follower_step are needed");
            // Small while y and v still move it says nothing.
            if (isExact && stationarity <= options.Tolerance && blocks.Max(b => b.Moved) <= options.Tolerance * tau)
            {
                k++;
                break;
            }
        }
        Gather();
        return new FirstOrderResult(x, y, isExact ? stationarity : double.NaN, k, Samples());

        long Samples() => blocks.Sum(b => b.Batch.Samples);

        void Gather()
        {
            int place = 0;
            foreach (Block block in blocks)
            {
                block.Y.CopyTo(y, place);
                place += block.Y.Length;
            }
        }

        void Report(FirstOrderTrace report, int iteration)
        {
            Gather();
            report(iteration, Samples(), x, y);
        }
    }

    /// <summary>The first few of a random order.</summary>
    private static void Draw(int[] order, int count, Random random)
    {
        if (count == order.Length) return;
        for (int t = 0; t < count; t++)
        {
            int other = random.Next(t, order.Length);
            (order[t], order[other]) = (order[other], order[t]);
        }
    }

    /// <summary>A follower: y, v, the point before, the estimates.</summary>
    private sealed class Block
    {
        private readonly double[] _v;
        private readonly double[] _yBefore;
        private readonly double[] _vBefore;
        private readonly double[] _fx;
        private readonly double[] _fy;
        private readonly double[] _gx;
        private readonly double[] _gy;
        private readonly double[] _px;
        private readonly double[] _py;
        private readonly double[] _gyBefore;
        private readonly double[] _pyBefore;
        private readonly RecursiveGradient _s;
        private readonly RecursiveGradient _u;

        public Block(IBilevelOracle oracle, ReadOnlySpan<double> start, FirstOrderOptions options, Random random)
        {
            Oracle = oracle;
            Batch = new MiniBatch(oracle, options.Batch, random);
            int n = oracle.LeaderCount, q = oracle.FollowerCount;
            Y = [.. start];
            _yBefore = [.. start];
            (_v, _vBefore, _fy, _gy, _py, _gyBefore, _pyBefore) = (new double[q], new double[q], new double[q], new double[q], new double[q], new double[q], new double[q]);
            (_fx, _gx, _px) = (new double[n], new double[n], new double[n]);
            (_s, _u) = (new RecursiveGradient(q), new RecursiveGradient(q));
        }

        public IBilevelOracle Oracle { get; }

        public MiniBatch Batch { get; }

        public double[] Y { get; }

        /// <summary>How far the last step went.</summary>
        public double Moved => Math.Max(VectorKernels.MaxAbsDifference(Y, _yBefore), VectorKernels.MaxAbsDifference(_v, _vBefore));

        /// <summary>Updates s and u with a draw, and adds this block's share of the hypergradients now and before.</summary>
        public void Estimate(double[] x, double[] xBefore, bool hasBefore, double eta, double gamma, double share, double[] now, double[] then)
        {
            Batch.Draw();
            if (hasBefore)
            {
                Gradients(xBefore, _yBefore, _vBefore, share, then);
                _gy.CopyTo(_gyBefore, 0);
                _py.CopyTo(_pyBefore, 0);
            }
            Gradients(x, Y, _v, share, now);
            _s.Update(_gy, _gyBefore, eta, gamma);
            _u.Update(_py, _pyBefore, eta, gamma);
        }

        public void Remember()
        {
            Y.CopyTo(_yBefore, 0);
            _v.CopyTo(_vBefore, 0);
        }

        /// <summary>y ← y − τs, v ← v − τu.</summary>
        public void Step(double tau)
        {
            VectorKernels.AddScaled(-tau, _s.Value, Y);
            VectorKernels.AddScaled(-tau, _u.Value, _v);
        }

        // ∇ᵧf, ∇²ᵧᵧf v − ∇ᵧF, and the sum of ∇ₓF − ∇²ₓᵧf v.
        private void Gradients(double[] x, double[] y, double[] v, double share, double[] sum)
        {
            Batch.Upper(x, y, _fx, _fy);
            Batch.Lower(x, y, _gx, _gy);
            Batch.LowerProduct(x, y, v, _px, _py);
            VectorKernels.AddScaled(-1.0, _fy, _py);
            VectorKernels.AddScaled(share, _fx, sum);
            VectorKernels.AddScaled(-share, _px, sum);
        }
    }
}
