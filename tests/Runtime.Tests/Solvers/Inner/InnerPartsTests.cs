using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Inner;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Inner;

public class InnerPartsTests
{
    private static PenaltyFunction At(TermProblem problem, double penalty, double[] shifted, double[] x, out double[] gradient, out double value)
    {
        var scaled = new ScaledProblem(problem);
        scaled.Attach(problem);
        var function = new PenaltyFunction(scaled) { Penalty = penalty };
        shifted.CopyTo(function.Shifted);
        gradient = new double[x.Length];
        value = function.Gradient(x, gradient);
        return function;
    }

    private static TermProblem TwoRows() => new TermProblem(0.3, 0.7)
        .Minimise(x => x[0].Exp() * x[1].Squared()).Subject(1, x => x[0].Squared() + x[1], 1).Subject(-1, x => x[0] * x[1], 0.1).Subject(-9, x => x[0] + x[1], 9);

    [Fact]
    public void The_penalty_function_has_the_derivatives_of_its_differences()
    {
        double[] x = [0.3, 0.7], shifted = [0.5, -0.2, 0.1];
        PenaltyFunction function = At(TwoRows(), 7.0, shifted, x, out double[] gradient, out _);
        function.TakeHessianPoint(x);
        const double H = 1e-6;
        for (int j = 0; j < 2; j++)
        {
            double[] up = [.. x], down = [.. x], other = new double[2], product = new double[2];
            up[j] += H;
            down[j] -= H;
            double[] upper = new double[2], lower = new double[2], unit = new double[2];
            unit[j] = 1.0;
            double slope = (function.Gradient(up, upper) - function.Gradient(down, lower)) / (2 * H);
            Assert.Equal(slope, gradient[j], 1e-7 * Math.Max(1, Math.Abs(slope)));
            function.Product(unit, product);
            for (int i = 0; i < 2; i++) Assert.Equal((upper[i] - lower[i]) / (2 * H), product[i], 1e-5 * Math.Max(1, Math.Abs(product[i])));
            // The factors belong to the same matrix.
            Assert.True(function.Factor([false, false], 50.0));
            for (int i = 0; i < 2; i++) product[i] += 50.0 * unit[i];
            function.Solve(product, other);
            for (int i = 0; i < 2; i++) Assert.Equal(unit[i], other[i], 1e-9);
        }
    }

    [Fact]
    public void Eigenvalues_of_the_second_difference_are_known()
    {
        const int N = 20;
        double[] diagonal = new double[N], below = new double[N], vectors = new double[N * N];
        Array.Fill(diagonal, 2.0);
        Array.Fill(below, -1.0);
        Assert.True(TridiagonalEigen.Solve(diagonal, below, vectors, N));
        double[] expected = [.. Enumerable.Range(1, N).Select(k => 2.0 - 2.0 * Math.Cos(k * Math.PI / (N + 1)))];
        double[] found = [.. diagonal.Order()];
        for (int k = 0; k < N; k++) Assert.Equal(expected[k], found[k], 1e-12);
        for (int k = 0; k < N; k++)
        {
            ReadOnlySpan<double> v = vectors.AsSpan(k * N, N);
            for (int i = 0; i < N; i++)
            {
                double image = 2.0 * v[i] - (i > 0 ? v[i - 1] : 0.0) - (i + 1 < N ? v[i + 1] : 0.0);
                Assert.Equal(diagonal[k] * v[i], image, 1e-12);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_preconditioners_eigenvalues_are_symmetric_polynomials_of_the_others(int degree)
    {
        double[] lambda = [100, 9, 2, 0.5], x = new double[4];
        TermProblem problem = new TermProblem(0, 0, 0, 0).Minimise(v => 50 * v[0].Squared() + 4.5 * v[1].Squared() + v[2].Squared() + 0.25 * v[3].Squared());
        PenaltyFunction function = At(problem, 1.0, [], x, out _, out _);
        function.TakeHessianPoint(x);
        var preconditioner = new PolynomialPreconditioner(4, degree, 1);
        preconditioner.Prepare([.. Enumerable.Range(1, degree).Select(i => lambda.Sum(l => Math.Pow(l, i)))]);
        double scale = double.NaN;
        for (int j = 0; j < 4; j++)
        {
            double[] unit = new double[4], result = new double[4];
            unit[j] = 1.0;
            preconditioner.Apply(function, new bool[4], unit, result);
            double expected = Elementary([.. lambda.Where((_, k) => k != j)], degree);
            if (j == 0) scale = expected / result[0];
            Assert.Equal(expected, scale * result[j], 1e-9 * expected);
        }
    }

    /// <summary>The sum of the products of all sets of so many of the values.</summary>
    private static double Elementary(double[] values, int count) =>
        count == 0 ? 1.0 : values.Length == 0 ? 0.0 : values[0] * Elementary(values[1..], count - 1) + Elementary(values[1..], count);

    /// <summary>Σ 100 (x_{i+1} − x_i²)² + (1 − x_i)² in plain loops, so that nothing but the method takes memory.</summary>
    private sealed class LongChain(int n) : INlpProblem
    {
        private readonly double[] _lower = Filled(n, double.NegativeInfinity);
        private readonly double[] _upper = Filled(n, double.PositiveInfinity);
        private readonly double[] _start = Filled(n, 0.8);
        private readonly SparsePattern _empty = SparsePattern.Empty(0, n);
        private readonly SparsePattern _none = SparsePattern.Empty(n, n);

        public int VariableCount => n;

        public int ConstraintCount => 0;

        public ReadOnlySpan<double> VariableLower => _lower;

        public ReadOnlySpan<double> VariableUpper => _upper;

        public ReadOnlySpan<double> ConstraintLower => [];

        public ReadOnlySpan<double> ConstraintUpper => [];

        public ReadOnlySpan<double> Start => _start;

        public ProblemStructure Structure => ProblemStructure.General;

        public SparsePattern JacobianPattern => _empty;

        public SparsePattern HessianPattern => _none;

        public void Bound(double upper) => Array.Fill(_upper, upper);

        public double Objective(ReadOnlySpan<double> x)
        {
            double sum = 0.0;
            for (int i = 0; i + 1 < n; i++) sum += Value(x[i], x[i + 1]);
            return sum;
        }

        public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
        {
            double sum = 0.0;
            gradient.Clear();
            for (int i = 0; i + 1 < n; i++)
            {
                double a = x[i], r = x[i + 1] - (a * a);
                sum += Value(a, x[i + 1]);
                gradient[i] += (-400.0 * a * r) - (2.0 * (1.0 - a));
                gradient[i + 1] += 200.0 * r;
            }
            return sum;
        }

        public void Constraints(ReadOnlySpan<double> x, Span<double> values)
        {
        }

        public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
        {
        }

        public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
            throw new InvalidOperationException("L-BFGS asks for no Hessian.");

        private static double Value(double a, double b) => (100.0 * (b - (a * a)) * (b - (a * a))) + ((1.0 - a) * (1.0 - a));

        private static double[] Filled(int n, double value)
        {
            var array = new double[n];
            Array.Fill(array, value);
            return array;
        }
    }

    [Theory]
    [InlineData(1_000_000, double.PositiveInfinity)]
    [InlineData(100_000, 0.9)]
    public void Lbfgs_solves_a_million_variables_without_allocating_in_its_iterations(int n, double upper)
    {
        var problem = new LongChain(n);
        if (upper < 1.0) problem.Bound(upper);
        long atFirst = 0, atLast = 0;
        int steps = 0;
        var request = new SolveRequest
        {
            Progress = record =>
            {
                atLast = GC.GetAllocatedBytesForCurrentThread();
                if (steps++ == 0) atFirst = atLast;
            },
        };
        long before = GC.GetAllocatedBytesForCurrentThread();
        SolveResult result = new AugmentedLagrangianSolver(new AugmentedLagrangianOptions { Inner = InnerMethod.Lbfgs, LbfgsMemory = 5 }).Solve(problem, request);
        Assert.True(result.Status == SolveStatus.Solved, $"{result.Status}: {result.Message}");
        Assert.InRange(steps, 3, 300);
        Assert.Equal(0, atLast - atFirst);
        // 2·5 pairs and about a dozen vectors of 8 n bytes.
        Assert.InRange(atFirst - before, 0, 32L * 8 * n);
        Assert.InRange(result.Residuals.Largest, 0, 1e-8);
    }
}
