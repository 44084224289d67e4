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
