namespace Optc.Runtime.Problems;

/// <summary>The data of a problem that is known to be a linear or quadratic program.</summary>
public static class QuadraticExtraction
{
    /// <summary>Whether the structure says that the objective is at most quadratic and all constraints are linear.</summary>
    public static bool Applies(INlpProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ProblemStructure structure = problem.Structure;
        bool isClass = structure.Class is ProblemClass.Linear or ProblemClass.Quadratic;
        bool isLinearSystem = structure.Class == ProblemClass.EquationSystem && structure.ObjectiveIsLinear;
        return (isClass || isLinearSystem) && structure.ConstraintIsLinear.Count == problem.ConstraintCount && structure.ConstraintIsLinear.All(isLinear => isLinear);
    }

    /// <summary>The program: the Hessian once, Jacobian, gradient, objective and constraints at zero, whose constants move into the sides.</summary>
    public static QuadraticProgram From(INlpProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem is QuadraticProgram program) return program;
        if (!Applies(problem)) throw new ArgumentException("The problem is not known to be linear or quadratic with linear constraints.", nameof(problem));
        int n = problem.VariableCount, m = problem.ConstraintCount;
        double[] zero = new double[n], weights = new double[m], constants = new double[m], linear = new double[n];
        var hessian = new double[problem.HessianPattern.Count];
        var jacobian = new double[problem.JacobianPattern.Count];
        double constant = problem.Gradient(zero, linear);
        if (hessian.Length > 0) problem.Hessian(zero, 1.0, weights, hessian);
        if (m > 0) problem.ConstraintsAndJacobian(zero, constants, jacobian);
        double[] lower = problem.ConstraintLower.ToArray(), upper = problem.ConstraintUpper.ToArray();
        for (int i = 0; i < m; i++)
        {
            lower[i] -= constants[i];
            upper[i] -= constants[i];
        }
        return new QuadraticProgram(
            problem.HessianPattern, hessian, linear, constant, problem.JacobianPattern, jacobian,
            lower, upper, problem.VariableLower.ToArray(), problem.VariableUpper.ToArray(), problem.Start.ToArray());
    }
}
