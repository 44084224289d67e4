namespace Optc.Runtime.Tests.Models;

/// <summary>A value with gradient and Hessian in k variables: second-order forward differentiation for tests.</summary>
internal sealed class Taylor
{
    private Taylor(double value, int k)
    {
        Value = value;
        Gradient = new double[k];
        Hessian = new double[k, k];
    }

    public double Value { get; }

    public double[] Gradient { get; }

    public double[,] Hessian { get; }

    public static Taylor[] Variables(double[] x)
    {
        var result = new Taylor[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            result[i] = new Taylor(x[i], x.Length);
            result[i].Gradient[i] = 1.0;
        }
        return result;
    }

    public static Taylor operator +(Taylor a, Taylor b) => Binary(a, b, a.Value + b.Value, 1, 1, 0, 0, 0);

    public static Taylor operator -(Taylor a, Taylor b) => Binary(a, b, a.Value - b.Value, 1, -1, 0, 0, 0);

    public static Taylor operator *(Taylor a, Taylor b) => Binary(a, b, a.Value * b.Value, b.Value, a.Value, 0, 1, 0);

    public static Taylor operator /(Taylor a, Taylor b) => a * b.Pow(-1.0);

    public static Taylor operator +(Taylor a, double b) => a.Unary(a.Value + b, 1, 0);

    public static Taylor operator +(double a, Taylor b) => b + a;

    public static Taylor operator -(Taylor a, double b) => a + -b;

    public static Taylor operator -(double a, Taylor b) => -b + a;

    public static Taylor operator *(Taylor a, double b) => a.Unary(a.Value * b, b, 0);

    public static Taylor operator *(double a, Taylor b) => b * a;

    public static Taylor operator /(Taylor a, double b) => a * (1.0 / b);

    public static Taylor operator -(Taylor a) => a * -1.0;

    public Taylor Pow(double p) => Unary(
        Math.Pow(Value, p), p == 0.0 ? 0.0 : p * Math.Pow(Value, p - 1.0), p is 0.0 or 1.0 ? 0.0 : p * (p - 1.0) * Math.Pow(Value, p - 2.0));

    public Taylor Squared() => this * this;

    public Taylor Exp() => Unary(Math.Exp(Value), Math.Exp(Value), Math.Exp(Value));

    public Taylor Log() => Unary(Math.Log(Value), 1.0 / Value, -1.0 / (Value * Value));

    public Taylor Sin() => Unary(Math.Sin(Value), Math.Cos(Value), -Math.Sin(Value));

    public Taylor Cos() => Unary(Math.Cos(Value), -Math.Sin(Value), -Math.Cos(Value));

    private Taylor Unary(double f, double d, double dd)
    {
        int k = Gradient.Length;
        var r = new Taylor(f, k);
        for (int i = 0; i < k; i++)
        {
            r.Gradient[i] = d * Gradient[i];
            for (int j = 0; j < k; j++) r.Hessian[i, j] = d * Hessian[i, j] + dd * Gradient[i] * Gradient[j];
        }
        return r;
    }

    private static Taylor Binary(Taylor a, Taylor b, double f, double fa, double fb, double faa, double fab, double fbb)
    {
        int k = a.Gradient.Length;
        var r = new Taylor(f, k);
        for (int i = 0; i < k; i++)
        {
            r.Gradient[i] = fa * a.Gradient[i] + fb * b.Gradient[i];
            for (int j = 0; j < k; j++)
            {
                r.Hessian[i, j] = fa * a.Hessian[i, j] + fb * b.Hessian[i, j] + faa * a.Gradient[i] * a.Gradient[j]
                    + fab * (a.Gradient[i] * b.Gradient[j] + b.Gradient[i] * a.Gradient[j]) + fbb * b.Gradient[i] * b.Gradient[j];
            }
        }
        return r;
    }
}
