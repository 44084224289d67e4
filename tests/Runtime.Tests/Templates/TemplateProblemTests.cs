using Optc.Runtime.Problems;
using Optc.Runtime.Templates;
using Xunit;

namespace Optc.Runtime.Tests.Templates;

public class TemplateProblemTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AgreesWithTheDenseReferenceOnRandomModels(bool withStages)
    {
        var compared = 0;
        for (var seed = 0; seed < 600; seed++)
        {
            var model = new RandomModel(seed, withStages);
            var problem = new TemplateProblem(model.Definition);
            CheckPatterns(problem);
            for (var visit = 0; visit < 3; visit++)
            {
                var x = model.Vector(problem.VariableCount);
                var reference = new DenseReference(model.Definition, model.Expressions, x);
                // Powers of powers lose all digits to cancellation; such points say nothing.
                if (reference.Point.Any(v => !(Math.Abs(v) < 100)))
                    continue;
                compared++;
                Compare(problem, reference, x, model.Vector(1 + problem.ConstraintCount), $"seed {seed}", order: seed + visit);
            }
        }
        Assert.InRange(compared, 1500, 1800);
    }

    [Fact]
    public void EliminatesASumThatManyRowsShare()
    {
        var (definition, expressions) = Models.SharedSum(12);
        var problem = new TemplateProblem(definition);
        var weights = Enumerable.Range(0, 13).Select(k => Math.Cos(k)).ToArray();
        Compare(problem, new DenseReference(definition, expressions, definition.Start), definition.Start, weights, "shared sum");
        Assert.Equal(12 * 12, problem.JacobianPattern.Count);
        Assert.Equal(12 * 13 / 2, problem.HessianPattern.Count);
    }

    [Fact]
    public void EliminatesARecursiveChain()
    {
        var (definition, expressions) = Models.Chain(9);
        var problem = new TemplateProblem(definition);
        double[] x = [.. Enumerable.Range(0, 9).Select(k => 1 + (0.1 * Math.Sin(k)))];
        var weights = Enumerable.Range(0, 10).Select(k => Math.Cos(k)).ToArray();
        Compare(problem, new DenseReference(definition, expressions, x), x, weights, "chain");
        CheckPatterns(problem);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DerivativesAgreeWithCentralDifferences(bool chain)
    {
        var problem = new TemplateProblem((chain ? Models.Chain(6) : Models.SharedSum(6)).Item1);
        var (n, m) = (problem.VariableCount, problem.ConstraintCount);
        var x = Enumerable.Range(0, n).Select(k => 0.8 + (0.1 * k)).ToArray();
        var w = Enumerable.Range(0, m).Select(i => 0.5 - (0.3 * i)).ToArray();
        double[] LagrangianGradient(double[] at)
        {
            var (g, j) = (Dirty(n), Dirty(problem.JacobianPattern.Count));
            problem.Gradient(at, g);
            problem.Jacobian(at, j);
            var dense = Dense(problem.JacobianPattern, j);
            return [.. Enumerable.Range(0, n).Select(k => (2 * g[k]) + Enumerable.Range(0, m).Sum(i => w[i] * dense[i, k]))];
        }
        double Lagrangian(double[] at)
        {
            var c = Dirty(m);
            problem.Constraints(at, c);
            return (2 * problem.Objective(at)) + c.Zip(w, (a, b) => a * b).Sum();
        }
        var h = Dirty(problem.HessianPattern.Count);
        problem.Hessian(x, 2, w, h);
        var (gradient, hessian) = (LagrangianGradient(x), Dense(problem.HessianPattern, h));
        const double step = 1e-5;
        for (var k = 0; k < n; k++)
        {
            double[] up = [.. x], down = [.. x];
            up[k] += step;
            down[k] -= step;
            Assert.Equal((Lagrangian(up) - Lagrangian(down)) / (2 * step), gradient[k], 1e-7 * (1 + Math.Abs(gradient[k])));
            var (above, below) = (LagrangianGradient(up), LagrangianGradient(down));
            for (var a = k; a < n; a++)
                Assert.Equal((above[a] - below[a]) / (2 * step), hessian[k, a], 1e-7 * (1 + Math.Abs(hessian[k, a])));
        }
    }

    [Fact]
    public void TwoSlotsOnOneVariableMakeADiagonalEntryThatCountsTwice()
    {
        var x = IndexColumn.Affine(0, 0);
        var problem = new TemplateProblem(Models.Define(1, 0, TestTemplates.Create(TestExpression.Product, TemplateTarget.Objective, x, [x, x], 1)));
        var h = Dirty(1);
        problem.Hessian([3.0], 1, [], h);
        Assert.Equal(2.0, h[0]);
    }

    [Fact]
    public void PatternsOfAManyEntryModelAreTheSetsOfItsPairs()
    {
        const int n = 500, m = 40, count = 20_000;
        var random = new Random(7);
        IndexColumn Table(int bound) => IndexColumn.From([.. Enumerable.Range(0, count).Select(_ => random.Next(bound))]);
        IndexColumn[] slots = [Table(n), Table(n), Table(n)];
        var row = Table(m);
        var problem = new TemplateProblem(Models.Define(n, m, TestTemplates.Create(TestExpression.Sine, TemplateTarget.Constraint, row, slots, count)));
        var jacobian = new SortedSet<(int, int)>();
        var hessian = new SortedSet<(int, int)>();
        for (var i = 0; i < count; i++)
        {
            foreach (var slot in slots)
                jacobian.Add((row[i], slot[i]));
            foreach (var (first, second) in TestExpression.Sine.HessianPairs)
                hessian.Add((Math.Min(slots[first][i], slots[second][i]), Math.Max(slots[first][i], slots[second][i])));
        }
        Assert.Equal(jacobian, Entries(problem.JacobianPattern));
        Assert.Equal(hessian, Entries(problem.HessianPattern));
    }

    private static IEnumerable<(int, int)> Entries(SparsePattern pattern) =>
        Enumerable.Range(0, pattern.MajorCount).SelectMany(k =>
            Enumerable.Range(pattern.Starts[k], pattern.Starts[k + 1] - pattern.Starts[k]).Select(p => (k, pattern.Indices[p])));

    /// <summary>All five calls at x, beginning with the one numbered by <paramref name="order"/>.</summary>
    internal static void Compare(TemplateProblem problem, DenseReference reference, double[] x, double[] weights, string what, int order = 0)
    {
        var (n, m) = (problem.VariableCount, problem.ConstraintCount);
        for (var call = order; call < order + 5; call++)
        {
            switch (call % 5)
            {
                case 0:
                    Near(reference.Objective.Value, problem.Objective(x), what + ", objective");
                    break;
                case 1:
                    var g = Dirty(n);
                    Near(reference.Objective.Value, problem.Gradient(x, g), what + ", objective of the gradient");
                    for (var k = 0; k < n; k++)
                        Near(reference.Objective.Gradient[k], g[k], $"{what}, gradient {k}");
                    break;
                case 2:
                    var c = Dirty(m);
                    problem.Constraints(x, c);
                    for (var i = 0; i < m; i++)
                        Near(reference.Constraints[i].Value, c[i], $"{what}, constraint {i}");
                    break;
                case 3:
                    var jacobian = Dirty(problem.JacobianPattern.Count);
                    problem.Jacobian(x, jacobian);
                    var denseJacobian = Dense(problem.JacobianPattern, jacobian);
                    for (var i = 0; i < m; i++)
                    {
                        for (var k = 0; k < n; k++)
                            Near(reference.Constraints[i].Gradient[k], denseJacobian[i, k], $"{what}, Jacobian {i},{k}");
                    }
                    break;
                default:
                    var hessian = Dirty(problem.HessianPattern.Count);
                    problem.Hessian(x, weights[0], weights.AsSpan(1), hessian);
                    var denseHessian = Dense(problem.HessianPattern, hessian);
                    var expected = reference.Lagrangian(weights[0], weights[1..]).Hessian;
                    for (var a = 0; a < n; a++)
                    {
                        for (var b = 0; b <= a; b++)
                            Near(expected[a, b], denseHessian[b, a], $"{what}, Hessian {a},{b}");
                    }
                    break;
            }
        }
        var point = problem.ExtendedPoint(x);
        for (var p = 0; p < point.Length; p++)
            Near(reference.Point[p], point[p], $"{what}, extended point {p}");
    }

    internal static void CheckPatterns(INlpProblem problem)
    {
        Assert.Equal((problem.ConstraintCount, problem.VariableCount), (problem.JacobianPattern.MajorCount, problem.JacobianPattern.MinorCount));
        Assert.Equal((problem.VariableCount, problem.VariableCount), (problem.HessianPattern.MajorCount, problem.HessianPattern.MinorCount));
        foreach (var (pattern, lower) in new[] { (problem.JacobianPattern, false), (problem.HessianPattern, true) })
        {
            for (var major = 0; major < pattern.MajorCount; major++)
            {
                var previous = lower ? major - 1 : -1;
                for (var k = pattern.Starts[major]; k < pattern.Starts[major + 1]; k++)
                {
                    Assert.True(pattern.Indices[k] > previous && pattern.Indices[k] < pattern.MinorCount, $"entry {k} of {major}");
                    previous = pattern.Indices[k];
                }
            }
        }
    }

    internal static double[] Dirty(int length)
    {
        var values = new double[length];
        Array.Fill(values, double.NaN);
        return values;
    }

    private static double[,] Dense(SparsePattern pattern, double[] values)
    {
        var dense = new double[pattern.MajorCount, pattern.MinorCount];
        for (var major = 0; major < pattern.MajorCount; major++)
        {
            for (var k = pattern.Starts[major]; k < pattern.Starts[major + 1]; k++)
                dense[major, pattern.Indices[k]] = values[k];
        }
        return dense;
    }

    private static void Near(double expected, double actual, string what)
    {
        if (!(Math.Abs(expected - actual) <= 1e-11 * Math.Max(1, Math.Abs(expected))) && !expected.Equals(actual))
            Assert.Fail($"{what}: expected {expected:R}, got {actual:R}");
    }
}
