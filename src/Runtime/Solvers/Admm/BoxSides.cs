namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// The lower (sign 1) or upper (sign −1) sides of a box around v = (x, Ax), each with a slack s, kept positive, which is to become
/// sign·(v − side), and a multiplier λ &gt; 0. Entries without a side, and equations, have λ = 0 and take no part.
/// </summary>
internal sealed class BoxSides
{
    private readonly double _sign;
    private readonly double[] _side;
    private readonly bool[] _has;
    private readonly double[] _slack;
    private readonly double[] _residual;
    private readonly double[] _complement;
    private readonly double[] _slackStep;
    private readonly double[] _multiplierStep;
    private readonly double[] _savedComplement;
    private readonly double[] _savedSlackStep;
    private readonly double[] _savedMultiplierStep;

    public BoxSides(double sign, int n, double[] bounds, double[] sides, bool[] isEquation)
    {
        _sign = sign;
        int count = bounds.Length + sides.Length;
        _side = [.. bounds, .. sides];
        _has = new bool[count];
        for (int k = 0; k < count; k++)
        {
            _has[k] = !double.IsInfinity(_side[k]) && !(k >= n && isEquation[k - n]);
            if (_has[k]) Count++;
        }
        _slack = new double[count];
        Multiplier = new double[count];
        _residual = new double[count];
        _complement = new double[count];
        _slackStep = new double[count];
        _multiplierStep = new double[count];
        _savedComplement = new double[count];
        _savedSlackStep = new double[count];
        _savedMultiplierStep = new double[count];
    }

    /// <summary>Sides that there are.</summary>
    public int Count { get; }

    /// <summary>λ of each entry, 0 where there is no side.</summary>
    public double[] Multiplier { get; }

    /// <summary>λ/s.</summary>
    public double Weight(int k) => _has[k] ? Multiplier[k] / _slack[k] : 0.0;

    public bool IsActive(int k) => _has[k] && Multiplier[k] > _slack[k];

    /// <summary>Slacks and multipliers from v and a net multiplier; how far the worst of both lies outside.</summary>
    public double Start(ReadOnlySpan<double> v, ReadOnlySpan<double> net)
    {
        double worst = 0.0;
        for (int k = 0; k < _has.Length; k++)
        {
            if (!_has[k]) continue;
            _slack[k] = _sign * (v[k] - _side[k]);
            Multiplier[k] = _sign * net[k];
            worst = Math.Max(worst, Math.Max(-_slack[k], -Multiplier[k]));
        }
        return worst;
    }

    /// <summary>Moves all slacks and multipliers into the interior.</summary>
    public void Shift(double least)
    {
        for (int k = 0; k < _has.Length; k++)
        {
            if (!_has[k]) continue;
            _slack[k] = Math.Max(_slack[k], least);
            Multiplier[k] = Math.Max(Multiplier[k], least);
        }
    }

    /// <summary>sᵀλ.</summary>
    public double Product() => ProductAfter(0.0, 0.0);

    /// <summary>sᵀλ after a step.</summary>
    public double ProductAfter(double primal, double dual)
    {
        double sum = 0.0;
        for (int k = 0; k < _has.Length; k++)
        {
            if (_has[k]) sum += (_slack[k] + (primal * _slackStep[k])) * (Multiplier[k] + (dual * _multiplierStep[k]));
        }
        return sum;
    }

    /// <summary>sign·(v − side) − s.</summary>
    public void Residual(ReadOnlySpan<double> v)
    {
        for (int k = 0; k < _has.Length; k++)
        {
            if (_has[k]) _residual[k] = (_sign * (v[k] - _side[k])) - _slack[k];
        }
    }

    /// <summary>What the linearised products are to change by: μ − sλ.</summary>
    public void Target(double mu)
    {
        for (int k = 0; k < _has.Length; k++)
        {
            if (_has[k]) _complement[k] = mu - (_slack[k] * Multiplier[k]);
        }
    }

    /// <summary>The same less a weight times ΔsΔλ of the last direction.</summary>
    public void SecondOrder(double mu, double weight)
    {
        for (int k = 0; k < _has.Length; k++)
        {
            if (_has[k]) _complement[k] = mu - (_slack[k] * Multiplier[k]) - (weight * _slackStep[k] * _multiplierStep[k]);
        }
    }

    /// <summary>Adds what pulls the products after a step of this length into [0.1 μ, 10 μ].</summary>
    public void Centre(double alpha, double mu)
    {
        for (int k = 0; k < _has.Length; k++)
        {
            if (!_has[k]) continue;
            double product = (_slack[k] + (alpha * _slackStep[k])) * (Multiplier[k] + (alpha * _multiplierStep[k]));
            double change = Math.Clamp(product, 0.1 * mu, 10.0 * mu) - product;
            _complement[k] += Math.Max(change, -10.0 * mu);
        }
    }

    /// <summary>This side's part of the condensed right-hand side, with its sign left out: (complement − λ·residual) / s.</summary>
    public double Share(int k) => _has[k] ? (_complement[k] - (Multiplier[k] * _residual[k])) / _slack[k] : 0.0;

    /// <summary>Δs and Δλ for a step of v.</summary>
    public void Steps(ReadOnlySpan<double> dv)
    {
        for (int k = 0; k < _has.Length; k++)
        {
            if (!_has[k]) continue;
            _slackStep[k] = (_sign * dv[k]) + _residual[k];
            _multiplierStep[k] = (_complement[k] - (Multiplier[k] * _slackStep[k])) / _slack[k];
        }
    }

    /// <summary>Longest steps that keep slacks, multipliers nonnegative.</summary>
    public (double Primal, double Dual) Lengths()
    {
        double primal = double.PositiveInfinity, dual = primal;
        for (int k = 0; k < _has.Length; k++)
        {
            if (!_has[k]) continue;
            if (_slackStep[k] < 0.0) primal = Math.Min(primal, -_slack[k] / _slackStep[k]);
            if (_multiplierStep[k] < 0.0) dual = Math.Min(dual, -Multiplier[k] / _multiplierStep[k]);
        }
        return (primal, dual);
    }

    public void Move(double primal, double dual)
    {
        for (int k = 0; k < _has.Length; k++)
        {
            if (!_has[k]) continue;
            _slack[k] += primal * _slackStep[k];
            Multiplier[k] += dual * _multiplierStep[k];
        }
    }

    /// <summary>Keeps the direction for <see cref="Revert"/>.</summary>
    public void Save()
    {
        _complement.CopyTo(_savedComplement, 0);
        _slackStep.CopyTo(_savedSlackStep, 0);
        _multiplierStep.CopyTo(_savedMultiplierStep, 0);
    }

    public void Revert()
    {
        _savedComplement.CopyTo(_complement, 0);
        _savedSlackStep.CopyTo(_slackStep, 0);
        _savedMultiplierStep.CopyTo(_multiplierStep, 0);
    }
}
