using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>
/// A problem with its complementarity conditions relaxed, in v = (x, s, p, q): a variable s for every constraint that is a side
/// of a condition, p − q = h with p, q ≥ 0 for conditions with two finite sides. Every condition is then one or two pairs of
/// variables, G = ±(v_i − o_i) ≥ 0 and H = ±(v_j − o_j) ≥ 0, with
/// <code>G·H ≤ t</code> (Scholtes 2001), or with π·G·H in the objective (Leyffer, López-Calva and Nocedal 2006).
/// The products are bilinear, so that G, H ≥ 0 are bounds, which an interior method keeps.
/// </summary>
internal sealed class RelaxedProblem : INlpProblem
{
    private readonly INlpProblem _inner;
    private readonly RelaxedShape _shape;
    private readonly int _n;
    private readonly int _m;
    private readonly double[] _innerJacobian;
    private readonly double[] _innerHessian;
    private readonly double[] _rowUpper;

    public RelaxedProblem(INlpProblem inner, ReadOnlySpan<ComplementarityCondition> conditions)
    {
        _inner = inner;
        _n = inner.VariableCount;
        _m = inner.ConstraintCount;
        _shape = new RelaxedShape(inner, conditions);
        _innerJacobian = new double[inner.JacobianPattern.Count];
        _innerHessian = new double[inner.HessianPattern.Count];
        _rowUpper = _shape.RowUpper;
    }

    /// <summary>The right side t of the products; +∞ leaves them free.</summary>
    public double Relaxation
    {
        set => _rowUpper.AsSpan(_shape.FirstProduct).Fill(value);
    }

    /// <summary>Weight π of the products in the objective.</summary>
    public double Penalty { get; set; }

    public int VariableCount => _shape.VariableCount;

    public int ConstraintCount => _rowUpper.Length;

    public ReadOnlySpan<double> VariableLower => _shape.Lower;

    public ReadOnlySpan<double> VariableUpper => _shape.Upper;

    public ReadOnlySpan<double> ConstraintLower => _shape.RowLower;

    public ReadOnlySpan<double> ConstraintUpper => _rowUpper;

    public ReadOnlySpan<double> Start => _shape.Start;

    public ProblemStructure Structure => ProblemStructure.General;

    public SparsePattern JacobianPattern => _shape.Jacobian;

    public SparsePattern HessianPattern => _shape.Hessian;

    /// <summary>The point v that belongs to x, with s, p, q from the bodies.</summary>
    public void Lift(ReadOnlySpan<double> x, Span<double> v) => _shape.Lift(_inner, x, v);

    /// <summary>
    /// Multipliers of the problem without the products from those of the relaxation: what the products contribute to a bound
    /// belongs to that bound. Those of the constraints are the first of <paramref name="rowMultipliers"/> as they are.
    /// </summary>
    public void BoundMultipliers(ReadOnlySpan<double> v, ReadOnlySpan<double> rowMultipliers, ReadOnlySpan<double> multipliers, Span<double> z)
    {
        multipliers[.._n].CopyTo(z);
        for (int k = 0; k < _shape.Pairs.Length; k++)
        {
            RelaxedPair pair = _shape.Pairs[k];
            double weight = rowMultipliers[_shape.FirstProduct + k] - Penalty;
            if (pair.First < _n) z[pair.First] += weight * pair.FirstSign * pair.SecondValue(v);
            if (pair.Second < _n) z[pair.Second] += weight * pair.SecondSign * pair.FirstValue(v);
        }
    }

    public double Objective(ReadOnlySpan<double> v) => _inner.Objective(v[.._n]) + Penalised(v);

    public double Gradient(ReadOnlySpan<double> v, Span<double> gradient)
    {
        double f = _inner.Gradient(v[.._n], gradient[.._n]);
        gradient[_n..].Clear();
        if (Penalty == 0.0) return f;
        foreach (RelaxedPair pair in _shape.Pairs)
        {
            gradient[pair.First] += Penalty * pair.FirstSign * pair.SecondValue(v);
            gradient[pair.Second] += Penalty * pair.SecondSign * pair.FirstValue(v);
        }
        return f + Penalised(v);
    }

    public void Constraints(ReadOnlySpan<double> v, Span<double> values)
    {
        if (_m > 0) _inner.Constraints(v[.._n], values[.._m]);
        AddLifted(v, values);
    }

    public void Jacobian(ReadOnlySpan<double> v, Span<double> values)
    {
        if (_m > 0) _inner.Jacobian(v[.._n], _innerJacobian);
        SpreadJacobian(v, values);
    }

    public void ConstraintsAndJacobian(ReadOnlySpan<double> v, Span<double> constraints, Span<double> jacobian)
    {
        if (_m > 0) _inner.ConstraintsAndJacobian(v[.._n], constraints[.._m], _innerJacobian);
        AddLifted(v, constraints);
        SpreadJacobian(v, jacobian);
    }

    public void Hessian(ReadOnlySpan<double> v, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        _inner.Hessian(v[.._n], objectiveWeight, constraintWeights[.._m], _innerHessian);
        values.Clear();
        int[] place = _shape.HessianPlace, pairPlace = _shape.PairHessianPlace;
        for (int k = 0; k < place.Length; k++) values[place[k]] = _innerHessian[k];
        for (int k = 0; k < pairPlace.Length; k++)
        {
            RelaxedPair pair = _shape.Pairs[k];
            double weight = constraintWeights[_shape.FirstProduct + k] + (objectiveWeight * Penalty);
            double second = pair.FirstSign * pair.SecondSign * (pair.First == pair.Second ? 2.0 : 1.0);
            values[pairPlace[k]] += weight * second;
        }
    }

    private double Penalised(ReadOnlySpan<double> v)
    {
        if (Penalty == 0.0) return 0.0;
        double sum = 0.0;
        foreach (RelaxedPair pair in _shape.Pairs) sum += pair.FirstValue(v) * pair.SecondValue(v);
        return Penalty * sum;
    }

    private void AddLifted(ReadOnlySpan<double> v, Span<double> values)
    {
        int[] lifted = _shape.LiftedOfRow;
        for (int i = 0; i < _m; i++)
        {
            if (lifted[i] >= 0) values[i] -= v[lifted[i]];
        }
        for (int k = 0; k < _shape.Splits.Length; k++)
        {
            RelaxedSplit split = _shape.Splits[k];
            values[_m + k] = (split.Sign * v[split.Other]) - v[split.Positive] + v[split.Positive + 1];
        }
        for (int k = 0; k < _shape.Pairs.Length; k++)
            values[_shape.FirstProduct + k] = _shape.Pairs[k].FirstValue(v) * _shape.Pairs[k].SecondValue(v);
    }

    private void SpreadJacobian(ReadOnlySpan<double> v, Span<double> values)
    {
        int[] from = _inner.JacobianPattern.Starts, to = _shape.Jacobian.Starts;
        for (int i = 0; i < _m; i++)
        {
            int count = from[i + 1] - from[i];
            _innerJacobian.AsSpan(from[i], count).CopyTo(values[to[i]..]);
            if (_shape.LiftedOfRow[i] >= 0) values[to[i] + count] = -1.0;
        }
        for (int k = 0; k < _shape.Splits.Length; k++)
        {
            int at = to[_m + k];
            values[at] = _shape.Splits[k].Sign;
            values[at + 1] = -1.0;
            values[at + 2] = 1.0;
        }
        for (int k = 0; k < _shape.Pairs.Length; k++)
        {
            RelaxedPair pair = _shape.Pairs[k];
            int at = to[_shape.FirstProduct + k];
            double first = pair.FirstSign * pair.SecondValue(v), second = pair.SecondSign * pair.FirstValue(v);
            if (pair.First == pair.Second)
            {
                values[at] = first + second;
                continue;
            }
            values[at] = pair.First < pair.Second ? first : second;
            values[at + 1] = pair.First < pair.Second ? second : first;
        }
    }
}
