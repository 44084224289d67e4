using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.ExactAugmentedLagrangian;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.ExactAugmentedLagrangian;

/// <summary>The exact augmented Lagrangian, sketched Newton systems, and the method that uses both.</summary>
public sealed class ExactAugmentedLagrangianTests
{
    /// <summary>Hock and Schittkowski, problem 78: f = −2.91970041.</summary>
    private static TermProblem Hs078() => new TermProblem(-2.0, 1.5, 2.0, -1.0, -1.0)
        .Minimise(v => v[0] * v[1] * v[2] * v[3] * v[4])
        .Subject(10.0, v => (v[0] * v[0]) + (v[1] * v[1]) + (v[2] * v[2]) + (v[3] * v[3]) + (v[4] * v[4]), 10.0)
        .Subject(0.0, v => (v[1] * v[2]) - (5.0 * v[3] * v[4]), 0.0)
        .Subject(-1.0, v => (v[0] * v[0] * v[0]) + (v[1] * v[1] * v[1]), -1.0);

    [Fact]
    public void The_slope_of_the_merit_function_agrees_with_differences()
    {
        TermProblem problem = Hs078();
        var merit = new ExactMerit(problem) { ViolationWeight = 1.7, ProjectedWeight = 0.3 };
        double[] x = [-1.5, 1.2, 1.9, -0.6, -1.1], lambda = [0.4, -0.7, 0.2], dx = [0.3, -0.2, 0.5, 0.1, -0.4], dl = [0.6, -0.1, 0.2];
        const double H = 1e-5;
        double up = At(H), down = At(-H);
        merit.Value(x, lambda);
        merit.Curve(x, lambda);
        Assert.Equal((up - down) / (2.0 * H), merit.Slope(x, dx, dl), 1e-6 * Math.Abs(up));

        double At(double t) => merit.Value([.. x.Zip(dx, (a, b) => a + (t * b))], [.. lambda.Zip(dl, (a, b) => a + (t * b))]);
    }

    [Fact]
    public void Sketches_reach_the_solution_of_the_system()
    {
        TermProblem problem = Hs078();
        double[] hessian = new double[problem.HessianPattern.Count], jacobian = new double[problem.JacobianPattern.Count];
        problem.Hessian(problem.Start, 1.0, [0.3, 0.2, -0.5], hessian);
        problem.Jacobian(problem.Start, jacobian);
        var system = new SketchedSystem(problem.HessianPattern, problem.JacobianPattern);
        double[] b = [1.0, -2.0, 0.5, 3.0, -1.0, 0.2, 0.7, -0.4];
        system.Begin(hessian, jacobian, 0.5, b);
        double first = system.ResidualNorm;
        Assert.Equal(Math.Sqrt(b.Sum(v => v * v)), first, 1e-12);
        var random = new Random(3);
        for (int k = 0; k < 60_000 && system.ResidualNorm > 1e-10; k++) system.Project(random);
        Assert.True(system.ResidualNorm <= 1e-10, $"{system.ResidualNorm}");
        double[] d = new double[8], product = new double[8];
        system.Solution(d);
        for (int j = 0; j < 5; j++)
        {
            product[j] += 0.5 * d[j];
            for (int k = problem.HessianPattern.Starts[j]; k < problem.HessianPattern.Starts[j + 1]; k++)
            {
                int i = problem.HessianPattern.Indices[k];
                product[i] += hessian[k] * d[j];
                if (i != j) product[j] += hessian[k] * d[i];
            }
        }
        for (int i = 0; i < 3; i++)
        {
            for (int k = problem.JacobianPattern.Starts[i]; k < problem.JacobianPattern.Starts[i + 1]; k++)
            {
                product[5 + i] += jacobian[k] * d[problem.JacobianPattern.Indices[k]];
                product[problem.JacobianPattern.Indices[k]] += jacobian[k] * d[5 + i];
            }
        }
        for (int i = 0; i < 8; i++) Assert.Equal(b[i], product[i], 1e-9);
    }

    [Fact]
    public void Unit_steps_converge_faster_than_linearly()
    {
        var steps = new List<ExactStep>();
        var solver = new ExactAugmentedLagrangianSolver { Trace = steps.Add };
        SolveResult result = solver.Solve(Hs078(), new SolveRequest());
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(-2.91970041, result.Objective, 1e-6);
        Assert.True(KktResiduals.Of(Hs078(), result.Point, result.ConstraintMultipliers, result.BoundMultipliers).Largest <= 1e-8);
        Assert.All(steps.TakeLast(3), s => Assert.Equal(1.0, s.StepSize));
        Assert.All(steps, s => Assert.InRange(s.Residual, 0.0, 0.1));
        double[] ratios = [.. steps.Zip(steps.Skip(1), (a, b) => b.Norm / a.Norm).TakeLast(2)];
        Assert.True(ratios[1] < 0.1 && ratios[1] < ratios[0], string.Join(", ", ratios));
    }

    [Fact]
    public void A_seed_gives_the_same_run()
    {
        SolveResult first = new ExactAugmentedLagrangianSolver().Solve(Hs078(), new SolveRequest { Seed = 7 });
        SolveResult second = new ExactAugmentedLagrangianSolver().Solve(Hs078(), new SolveRequest { Seed = 7 });
        Assert.Equal(first.Point, second.Point);
        Assert.Equal(first.InnerIterations, second.InnerIterations);
    }

    [Fact]
    public void Indefinite_Hessians_are_shifted()
    {
        // A saddle on the circle: the maximum of x² + 2y² is stationary, its minimum is at (±1, 0).
        TermProblem problem = new TermProblem(0.2, 1.1).Minimise(v => (v[0] * v[0]) + (2.0 * v[1] * v[1])).Subject(1.0, v => (v[0] * v[0]) + (v[1] * v[1]), 1.0);
        SolveResult result = new ExactAugmentedLagrangianSolver().Solve(problem, new SolveRequest());
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.True(result.Objective is > 0.99 and < 2.01);
    }

    [Fact]
    public void Limits_are_statuses_and_inequalities_are_refused()
    {
        var limited = new ExactAugmentedLagrangianSolver(new AugmentedLagrangianOptions { MaxInnerIterations = 1 });
        Assert.Equal(SolveStatus.IterationLimit, limited.Solve(Hs078(), new SolveRequest()).Status);
        TermProblem inequality = new TermProblem(1.0).Minimise(v => v[0]).Subject(0.0, v => v[0], 1.0);
        Assert.Equal(0, ExactAugmentedLagrangianSolver.FirstInequality(inequality));
        Assert.Throws<ArgumentException>(() => new ExactAugmentedLagrangianSolver().Solve(inequality, new SolveRequest()));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Equal(SolveStatus.Interrupted, new ExactAugmentedLagrangianSolver().Solve(Hs078(), new SolveRequest(), stop.Token).Status);
    }
}
