using MathNet.Numerics.LinearAlgebra;

namespace Optc.Bench.AdmmPapers;

/// <summary>
/// The exact second moments of the rounds without dual variables, with all messages kept. The errors of models x, of the shared variables as received r and of messages m of all
/// clients are one vector s; a round is s⁺ = (B₀ + Σ δₖ Bₖ) s + Σ δₖ noise, δₖ saying whether k is called. With p and q the chances that one and that two clients are called,
/// <code>E s⁺s⁺ᵀ = B̄MB̄ᵀ + (q − p²) S M Sᵀ + (p − q) Σ Bₖ M Bₖᵀ + noise,  B̄ = B₀ + pS,  S = Σ Bₖ.</code>
/// </summary>
internal sealed class FederatedMoments
{
    private readonly FederatedData _data;
    private readonly Matrix<double> _mean;
    private readonly Matrix<double> _called;
    private readonly Matrix<double> _noise;
    private readonly double _p;
    private readonly double _q;

    public FederatedMoments(FederatedData data, int called, bool continues, double variance)
    {
        _data = data;
        int count = data.Clients, n = data.Dimension, size = 3 * count * n;
        _p = (double)called / count;
        _q = called * (called - 1.0) / (count * (count - 1.0));
        double rho = data.Penalty;
        Matrix<double> identity = Matrix<double>.Build.DenseIdentity(n), still = Matrix<double>.Build.Dense(size, size);
        _called = Matrix<double>.Build.Dense(size, size);
        _noise = Matrix<double>.Build.Dense(size, size);
        for (int k = 0; k < count; k++)
        {
            int x = k * n, r = (count + k) * n, m = ((2 * count) + k) * n;
            Matrix<double> step = (data.Hessians[k] + (rho * identity)).Inverse(), own = step * data.Hessians[k], read = rho * step, message = identity - (data.Hessians[k] / rho);
            // Not called.
            still.SetSubMatrix(x, x, continues ? own : identity);
            if (continues) still.SetSubMatrix(x, r, read);
            still.SetSubMatrix(r, r, identity);
            still.SetSubMatrix(m, m, identity);
            // Called, less the same: r = z, x = own x + read z, m = message x.
            for (int l = 0; l < count; l++)
            {
                int other = ((2 * count) + l) * n;
                _called.SetSubMatrix(r, other, identity / count);
                _called.SetSubMatrix(x, other, read / count);
                _called.SetSubMatrix(m, other, message * read / count);
            }
            _called.SetSubMatrix(r, r, -identity);
            if (continues) _called.SetSubMatrix(x, r, -read);
            else _called.SetSubMatrix(x, x, own - identity);
            _called.SetSubMatrix(m, x, message * own);
            _called.SetSubMatrix(m, m, _called.SubMatrix(m, n, m, n) - identity);
            Matrix<double> down = Matrix<double>.Build.Dense(size, n);
            down.SetSubMatrix(r, 0, identity);
            down.SetSubMatrix(x, 0, read);
            down.SetSubMatrix(m, 0, message * read);
            _noise += _p * variance * down * down.Transpose();
            for (int i = 0; i < n; i++) _noise[m + i, m + i] += _p * variance;
        }
        _mean = still + (_p * _called);
    }

    /// <summary>Spectral radius of the mean's recursion.</summary>
    public double MeanRadius => _mean.Evd().EigenValues.Max(e => e.Magnitude);

    /// <summary>Spectral radius of the second moments' recursion, by the power method.</summary>
    public double SquareRadius()
    {
        Matrix<double> m = Matrix<double>.Build.DenseIdentity(_mean.RowCount);
        double radius = 0.0;
        for (int step = 0; step < 300; step++)
        {
            Matrix<double> next = Next(m);
            radius = next.FrobeniusNorm() / m.FrobeniusNorm();
            m = next / next.FrobeniusNorm();
        }
        return radius;
    }

    /// <summary>Mean square distance of the clients' models, relative to the answer's, by round. The first round calls everyone.</summary>
    public double[] MeanSquares(int rounds)
    {
        int count = _data.Clients, n = _data.Dimension;
        Matrix<double> identity = Matrix<double>.Build.DenseIdentity(n);
        Vector<double> s = Vector<double>.Build.Dense(_mean.RowCount);
        Vector<double>[] x = [.. Enumerable.Range(0, count).Select(k => (_data.Hessians[k] + (_data.Penalty * identity)).Solve(_data.Slopes[k]))];
        Vector<double> z = 2.0 * x.Aggregate((a, b) => a + b) / count;
        for (int k = 0; k < count; k++)
        {
            s.SetSubVector(k * n, n, x[k] - _data.Answer);
            s.SetSubVector((count + k) * n, n, z - _data.Answer);
            // Messages whose mean is z.
            s.SetSubVector(((2 * count) + k) * n, n, z - _data.Answer);
        }
        Matrix<double> m = s.OuterProduct(s);
        var squares = new double[rounds];
        double size = _data.Answer.DotProduct(_data.Answer);
        for (int round = 0; round < rounds; round++)
        {
            m = round == 0 ? Everyone(m) : Next(m) + _noise;
            for (int i = 0; i < count * n; i++) squares[round] += m[i, i] / count / size;
        }
        return squares;
    }

    private Matrix<double> Everyone(Matrix<double> m)
    {
        Matrix<double> all = _mean + ((1.0 - _p) * _called);
        return (all * m * all.Transpose()) + (_noise / _p);
    }

    private Matrix<double> Next(Matrix<double> m)
    {
        Matrix<double> next = _mean * m * _mean.Transpose();
        if (_p >= 1.0) return next;
        int count = _data.Clients, n = _data.Dimension;
        Matrix<double> called = _called * m;
        next += (_q - (_p * _p)) * called * _called.Transpose();
        for (int k = 0; k < count; k++)
        {
            int[] rows = [.. new[] { k, count + k, (2 * count) + k }.SelectMany(b => Enumerable.Range(b * n, n))];
            foreach (int i in rows)
            {
                Vector<double> row = called.Row(i);
                foreach (int j in rows) next[i, j] += (_p - _q) * row.DotProduct(_called.Row(j));
            }
        }
        return next;
    }
}
