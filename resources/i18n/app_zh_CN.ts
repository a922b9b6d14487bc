<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>A laboratory for vanishing and exploding gradients.</source>
        <translation>研究梯度消失与梯度爆炸的实验室。</translation>
    </message>
    <message>
        <source>This is the executable, CPU edition: it computes on the processor alone. With an NVIDIA graphics card, run the program from its source.</source>
        <translation>这是可执行版（CPU 版），只用处理器计算。如有 NVIDIA 显卡，请从源代码运行本程序。</translation>
    </message>
    <message>
        <source>Qt and PySide6 are used under the LGPL 3. Their libraries are files of their own and may be replaced by versions of yours.</source>
        <translation>Qt 与 PySide6 依 LGPL 3 许可使用，其库为独立文件，可替换为您自己的版本。</translation>
    </message>
    <message>
        <source>Licence: {0}</source>
        <translation>许可证：{0}</translation>
    </message>
</context>
<context>
    <name>AccuracyView</name>
    <message>
        <source>Accuracy</source>
        <translation>精度</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Train, or pause</source>
        <translation>训练，或暂停</translation>
    </message>
    <message>
        <source>One step</source>
        <translation>一步</translation>
    </message>
    <message>
        <source>To the end of the epoch</source>
        <translation>训练到本迭代周期结束</translation>
    </message>
    <message>
        <source>Back to step 0 with the same weights</source>
        <translation>回到第 0 步，权重不变</translation>
    </message>
    <message>
        <source>Back to step 0 with other weights</source>
        <translation>回到第 0 步，换一组权重</translation>
    </message>
    <message>
        <source>Choose a lesson…</source>
        <translation>选择课程…</translation>
    </message>
    <message>
        <source>Labs: small pictures of one idea each</source>
        <translation>小实验：一图一理</translation>
    </message>
    <message>
        <source>Labs</source>
        <translation>小实验</translation>
    </message>
    <message>
        <source>Dark or light</source>
        <translation>深色或浅色</translation>
    </message>
    <message>
        <source>Look one step back</source>
        <translation>回看上一步</translation>
    </message>
    <message>
        <source>Compare with a twin</source>
        <translation>与孪生网络对比</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>One step in slow motion</source>
        <translation>慢动作演示一步</translation>
    </message>
    <message>
        <source>Keep this run as a ghost</source>
        <translation>保留这次运行作为背景</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Back: from a view, a lesson, the presentation</source>
        <translation>返回：退出放大、课程或演示</translation>
    </message>
    <message>
        <source>Show or hide the form</source>
        <translation>显示或隐藏设置</translation>
    </message>
    <message>
        <source>Present: full screen, large type</source>
        <translation>演示：全屏，大字</translation>
    </message>
    <message>
        <source>Present</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>Undo the last change</source>
        <translation>撤销上一次更改</translation>
    </message>
    <message>
        <source>Redo it</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>All presets…</source>
        <translation>全部预设…</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Lessons</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Save recording…</source>
        <translation>保存记录…</translation>
    </message>
    <message>
        <source>Save picture…</source>
        <translation>保存图片…</translation>
    </message>
    <message>
        <source>Save animation (GIF)…</source>
        <translation>保存动画 (GIF)…</translation>
    </message>
    <message>
        <source>Save experiment (JSON)…</source>
        <translation>保存实验 (JSON)…</translation>
    </message>
    <message>
        <source>Save as PyTorch script…</source>
        <translation>另存为 PyTorch 脚本…</translation>
    </message>
    <message>
        <source>Save as preset…</source>
        <translation>另存为预设…</translation>
    </message>
    <message>
        <source>Copy experiment</source>
        <translation>复制实验</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>分享</translation>
    </message>
    <message>
        <source>Copy as PyTorch</source>
        <translation>复制为 PyTorch 脚本</translation>
    </message>
    <message>
        <source>Paste experiment</source>
        <translation>粘贴实验</translation>
    </message>
    <message>
        <source>Thresholds of the verdicts…</source>
        <translation>诊断的阈值…</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>全部按键</translation>
    </message>
    <message>
        <source>Tour</source>
        <translation>导览</translation>
    </message>
    <message>
        <source>About…</source>
        <translation>关于…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>ActivationPicture</name>
    <message>
        <source>φ (line) and its derivative φ′ (dashes), from −5 to 5</source>
        <translation>φ（实线）与导数 φ′（虚线），−5 到 5</translation>
    </message>
</context>
<context>
    <name>ActivationShapeLab</name>
    <message>
        <source>Every layer multiplies the gradient by φ′(z). The sigmoid&apos;s derivative is at most 1/4 and almost 0 beyond |z| = 5: where the first activation is that flat, it is shaded. Near 0, tanh, ReLU on its right and 4·sigmoid − 2 behave like z and keep a variance; the sigmoid behaves like 1/2 + z/4 and does not. The filled areas are what a Gaussian pre-activation z makes of φ² and φ′²: they decide how signal and gradient shrink.</source>
        <translation>每一层都把梯度乘以 φ′(z)。sigmoid 的导数最大只有 1/4，在 |z| &gt; 5 处几乎为 0：第一个激活函数平坦到饱和的区间画有底色。在 0 附近，tanh、ReLU 的右半边和 4·sigmoid − 2 都近似等于 z，能保持方差；而 sigmoid 近似等于 1/2 + z/4，不能保持方差。填充的面积表示服从正态分布的预激活值 z 给出的 φ² 与 φ′² 的期望：它们决定信号和梯度缩小多少。</translation>
    </message>
    <message>
        <source>Drawn from {0} to {1}.</source>
        <translation>实际绘制范围为 {0} 到 {1}。</translation>
    </message>
    <message>
        <source>{0}: saturated</source>
        <translation>{0}：饱和比例</translation>
    </message>
    <message>
        <source>Activation φ(z)</source>
        <translation>激活函数 φ(z)</translation>
    </message>
    <message>
        <source>Derivative φ′(z)</source>
        <translation>导数 φ′(z)</translation>
    </message>
    <message>
        <source>saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>Taylor, of each</source>
        <translation>各自的泰勒多项式</translation>
    </message>
    <message>
        <source>Taylor</source>
        <translation>泰勒</translation>
    </message>
    <message>
        <source>φ² · Gaussian</source>
        <translation>φ² · 正态密度</translation>
    </message>
    <message>
        <source>flat</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>Gaussian</source>
        <translation>正态密度</translation>
    </message>
    <message>
        <source>φ′² · Gaussian</source>
        <translation>φ′² · 正态密度</translation>
    </message>
</context>
<context>
    <name>Advice</name>
    <message>
        <source>{0}, rate {1}</source>
        <translation>{0}，学习率 {1}</translation>
    </message>
    <message>
        <source>{0} (eases)</source>
        <translation>{0}（缓解）</translation>
    </message>
    <message>
        <source>The learning rate becomes {0}: the one there is fits the trouble only.</source>
        <translation>学习率改为 {0}：现在的学习率只适合有问题的网络。</translation>
    </message>
    <message>
        <source>The learning rate stays 0: nothing is learned.</source>
        <translation>学习率仍为 0：什么也学不到。</translation>
    </message>
    <message>
        <source>It makes less of the trouble and does not remove what it is from.</source>
        <translation>只能缓解，不能消除问题的根源。</translation>
    </message>
    <message>
        <source>Theory expects ×{0} per layer, {1} decades lost in all.</source>
        <translation>理论预期每层 ×{0}，总共缩小 {1} 个数量级。</translation>
    </message>
    <message>
        <source>Theory expects ×{0} per layer, {1} decades gained in all.</source>
        <translation>理论预期每层 ×{0}，总共增大 {1} 个数量级。</translation>
    </message>
    <message>
        <source>That is approximate.</source>
        <translation>这是近似值。</translation>
    </message>
</context>
<context>
    <name>AdviceRow</name>
    <message>
        <source>Thresholds…</source>
        <translation>阈值…</translation>
    </message>
    <message>
        <source>More to try, and the thresholds</source>
        <translation>更多办法和阈值</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Findings…</source>
        <translation>发现…</translation>
    </message>
    <message>
        <source>What happened?</source>
        <translation>发生了什么？</translation>
    </message>
    <message>
        <source>Findings ({0})…</source>
        <translation>发现（{0}）…</translation>
    </message>
</context>
<context>
    <name>AnswersView</name>
    <message>
        <source>Answers on validation samples: {0} right</source>
        <translation>对验证样本的回答：{0} 正确</translation>
    </message>
    <message>
        <source>Answers: {0} right</source>
        <translation>回答：{0} 正确</translation>
    </message>
    <message>
        <source>Answer at every point of the plane</source>
        <translation>平面上每一点的回答</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>The fitted curve and its samples</source>
        <translation>拟合曲线与样本</translation>
    </message>
    <message>
        <source>Fitted curve</source>
        <translation>拟合曲线</translation>
    </message>
    <message>
        <source>What the network answers</source>
        <translation>网络的回答</translation>
    </message>
    <message>
        <source>not kept of this step</source>
        <translation>未保存这一步的数据</translation>
    </message>
    <message>
        <source>no picture for data like these</source>
        <translation>这类数据没有对应的图</translation>
    </message>
</context>
<context>
    <name>Application</name>
    <message>
        <source>The experiment of the last time ended the program before its first step. This is the one to begin with.</source>
        <translation>上次的实验在第一步之前就使程序退出了，现在显示的是起始实验。</translation>
    </message>
</context>
<context>
    <name>Changes</name>
    <message>
        <source>after {0} steps</source>
        <translation>（第 {0} 步之后）</translation>
    </message>
</context>
<context>
    <name>ColourBar</name>
    <message>
        <source>Each layer has colours of its own: they cannot be compared.</source>
        <translation>每层用自己的颜色，层与层之间不能比较。</translation>
    </message>
    <message>
        <source>The colours are the same for every run: powers of ten from {0} to {1}. A healthy gradient stays between the two marks in bold, {2} and {3}.</source>
        <translation>颜色对每次运行都相同：从 {0} 到 {1} 的 10 的幂。合理的梯度保持在两个粗体刻度 {2} 与 {3} 之间。</translation>
    </message>
    <message>
        <source>Usual is what lies between the two marks in bold, {0} and {1}.</source>
        <translation>通常位于两个粗体刻度 {0} 与 {1} 之间。</translation>
    </message>
    <message>
        <source>From {0} to {1}</source>
        <translation>从 {0} 到 {1}</translation>
    </message>
</context>
<context>
    <name>Company</name>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>before: {0}</source>
        <translation>之前：{0}</translation>
    </message>
    <message>
        <source>before</source>
        <translation>之前</translation>
    </message>
    <message>
        <source>No normalisation</source>
        <translation>无规范化</translation>
    </message>
    <message>
        <source>Batch normalisation</source>
        <translation>批量规范化</translation>
    </message>
    <message>
        <source>Layer normalisation</source>
        <translation>层规范化</translation>
    </message>
    <message>
        <source>RMS normalisation</source>
        <translation>RMS 规范化</translation>
    </message>
    <message>
        <source>No skip connections</source>
        <translation>无跨层连接</translation>
    </message>
    <message>
        <source>No clipping</source>
        <translation>不裁剪</translation>
    </message>
    <message>
        <source>Clipped norm</source>
        <translation>裁剪范数</translation>
    </message>
    <message>
        <source>Clipped values</source>
        <translation>裁剪数值</translation>
    </message>
    <message>
        <source>Batch norm</source>
        <translation>批量规范化</translation>
    </message>
    <message>
        <source>Layer norm</source>
        <translation>层规范化</translation>
    </message>
    <message>
        <source>RMS norm</source>
        <translation>RMS 规范化</translation>
    </message>
    <message>
        <source>No skips</source>
        <translation>无跨层连接</translation>
    </message>
    <message>
        <source>{0}, step {1}</source>
        <translation>{0}，第 {1} 步</translation>
    </message>
</context>
<context>
    <name>Comparison</name>
    <message>
        <source>He initialisation</source>
        <translation>He 初始化</translation>
    </message>
    <message>
        <source>Xavier initialisation</source>
        <translation>Xavier 初始化</translation>
    </message>
    <message>
        <source>ReLU</source>
        <translation>ReLU</translation>
    </message>
    <message>
        <source>ReLU with He initialisation</source>
        <translation>ReLU 与 He 初始化</translation>
    </message>
    <message>
        <source>Tanh</source>
        <translation>tanh</translation>
    </message>
    <message>
        <source>Batch normalisation</source>
        <translation>批量规范化</translation>
    </message>
    <message>
        <source>Residual connections</source>
        <translation>残差连接</translation>
    </message>
    <message>
        <source>Gradient clipping</source>
        <translation>梯度裁剪</translation>
    </message>
    <message>
        <source>At most {0} runs can be compared.</source>
        <translation>最多可同时对比 {0} 次运行。</translation>
    </message>
    <message>
        <source>There is nothing to keep yet.</source>
        <translation>目前还没有可保留的内容。</translation>
    </message>
    <message>
        <source>Kept: it is shown behind what follows.</source>
        <translation>已保留：将显示在后续运行的背后。</translation>
    </message>
    <message>
        <source>A twin: what if …</source>
        <translation>孪生对比：如果……</translation>
    </message>
    <message>
        <source>      … all at learning rate {0}: {1} may be too high for it</source>
        <translation>      ……都用学习率 {0}：{1} 对它可能过高</translation>
    </message>
    <message>
        <source>A tenth of the learning rate</source>
        <translation>学习率的十分之一</translation>
    </message>
    <message>
        <source>The same, to be changed in the form</source>
        <translation>先复制一份，再在设置中修改</translation>
    </message>
    <message>
        <source>Keep this run as a ghost</source>
        <translation>保留这次运行作为背景</translation>
    </message>
</context>
<context>
    <name>CurveFitLab</name>
    <message>
        <source>Can ReLU fit x² or x³? A network of n ReLU units is a chain of at most n + 1 straight pieces, and every unit bends it at one hinge. With learned weights the pieces follow any curve: the more units, the closer. For x² no network of n units comes closer than 2/(n + 1)² everywhere on this interval; training rarely gets there. Some draws end far worse: a unit whose hinge leaves the interval may be dead on all samples, gets no gradient and never returns.</source>
        <translation>ReLU 能拟合 x² 或 x³ 吗？n 个 ReLU 单元的网络是一条至多由 n + 1 段直线组成的折线，每个单元使它在一个折点处弯折。权重经过学习之后，这些线段可以贴近任何曲线：单元越多，贴得越近。对于 x²，在这个区间上，n 个单元的网络的最大误差不可能小于 2/(n + 1)²；训练很少能达到这个界。有些随机初始化的结果要差得多：折点移出区间的单元可能在所有样本上都不激活，得不到梯度，再也回不来。</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>root mean square error</source>
        <translation>均方根误差</translation>
    </message>
    <message>
        <source>largest error</source>
        <translation>最大误差</translation>
    </message>
    <message>
        <source>smallest possible, x²</source>
        <translation>理论下界（x²）</translation>
    </message>
    <message>
        <source>hinges in the interval</source>
        <translation>区间内的折点</translation>
    </message>
    <message>
        <source>The curve and the network</source>
        <translation>曲线与网络</translation>
    </message>
    <message>
        <source>The network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>curve</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>hinges</source>
        <translation>折点</translation>
    </message>
    <message>
        <source>Error while it learns</source>
        <translation>学习过程中的误差</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>误差</translation>
    </message>
    <message>
        <source>error</source>
        <translation>误差</translation>
    </message>
    <message>
        <source>root mean square</source>
        <translation>均方根</translation>
    </message>
    <message>
        <source>largest</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>bound</source>
        <translation>下界</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
</context>
<context>
    <name>Dashboard</name>
    <message>
        <source>What can be done with this view</source>
        <translation>对这个视图的操作</translation>
    </message>
    <message>
        <source>Back  ·  {0}</source>
        <translation>返回  ·  {0}</translation>
    </message>
    <message>
        <source>All views again</source>
        <translation>显示全部视图</translation>
    </message>
    <message>
        <source>Enlarge</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>隐藏</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Picture (PNG)…</source>
        <translation>图片 (PNG)…</translation>
    </message>
    <message>
        <source>Drawing (SVG)…</source>
        <translation>矢量图 (SVG)…</translation>
    </message>
    <message>
        <source>Data (CSV)…</source>
        <translation>数据 (CSV)…</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Move to the left</source>
        <translation>移到左侧</translation>
    </message>
    <message>
        <source>Move to the right</source>
        <translation>移到右侧</translation>
    </message>
</context>
<context>
    <name>ElidedLabel</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>ErrorDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>出错了</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>FieldControls</name>
    <message>
        <source>{0}. {1} stays in force.</source>
        <translation>{0}。仍使用 {1}。</translation>
    </message>
</context>
<context>
    <name>FieldRow</name>
    <message>
        <source>live</source>
        <translation>即时</translation>
    </message>
    <message>
        <source>May be changed while the run goes on</source>
        <translation>训练过程中可以随时更改</translation>
    </message>
    <message>
        <source>Back to {0}</source>
        <translation>恢复为 {0}</translation>
    </message>
    <message>
        <source>Unit: {0}</source>
        <translation>单位：{0}</translation>
    </message>
    <message>
        <source>A change starts the run anew.</source>
        <translation>更改后将从头开始训练。</translation>
    </message>
    <message>
        <source>Compared with {0}</source>
        <translation>对比：{0}</translation>
    </message>
    <message>
        <source>beyond the slider</source>
        <translation>超出滑块范围</translation>
    </message>
</context>
<context>
    <name>Files</name>
    <message>
        <source>Nothing is remembered in this window.</source>
        <translation>此窗口不保存任何设置。</translation>
    </message>
    <message>
        <source>Save as PyTorch script</source>
        <translation>另存为 PyTorch 脚本</translation>
    </message>
    <message>
        <source>Saved: {0}, its data in {1}</source>
        <translation>已保存：{0}，数据在 {1} 中</translation>
    </message>
    <message>
        <source>There is not enough memory.</source>
        <translation>内存不足。</translation>
    </message>
    <message>
        <source>Not opened. {0}</source>
        <translation>未打开。{0}</translation>
    </message>
    <message>
        <source>There is nothing to save before the first step.</source>
        <translation>第一步之前没有可保存的内容。</translation>
    </message>
    <message>
        <source>{0} is opened; of several files only the first can be.</source>
        <translation>已打开 {0}；一次只能打开一个文件。</translation>
    </message>
    <message>
        <source>experiment</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>It has the last values of the changed run from its first step on.</source>
        <translation>它从第一步起就使用训练途中改过的最后的值。</translation>
    </message>
    <message>
        <source>Save recording in a folder</source>
        <translation>将运行记录保存到文件夹</translation>
    </message>
    <message>
        <source>recording</source>
        <translation>运行记录</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>Save {0}</source>
        <translation>保存：{0}</translation>
    </message>
    <message>
        <source>Save animation</source>
        <translation>保存动画</translation>
    </message>
    <message>
        <source>run</source>
        <translation>训练过程</translation>
    </message>
    <message>
        <source>Drawing the run, step by step…</source>
        <translation>正在逐步绘制…</translation>
    </message>
    <message>
        <source>Save experiment</source>
        <translation>保存实验</translation>
    </message>
    <message>
        <source>Recordings, experiments, data ({0})</source>
        <translation>运行记录、实验、数据 ({0})</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>已保存：{0}</translation>
    </message>
    <message>
        <source>Not saved. {0}</source>
        <translation>未保存。{0}</translation>
    </message>
    <message>
        <source>The picture could not be drawn.</source>
        <translation>无法绘制图片。</translation>
    </message>
</context>
<context>
    <name>FindingsDialog</name>
    <message>
        <source>Findings</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>What happened?</source>
        <translation>发生了什么？</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>out</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Nothing is wrong with this run.</source>
        <translation>这次运行一切正常。</translation>
    </message>
    <message>
        <source>What to try</source>
        <translation>可以尝试</translation>
    </message>
    <message>
        <source>{0}, by layer</source>
        <translation>{0}（逐层）</translation>
    </message>
    <message>
        <source>{0}, by step</source>
        <translation>{0}（逐步）</translation>
    </message>
    <message>
        <source>Root mean square of h</source>
        <translation>h 的均方根</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
</context>
<context>
    <name>GatesLab</name>
    <message>
        <source>A product of many factors vanishes or explodes; a sum need not. Left, the gradient on its way back to the input of three networks with the same weights: plain, residual, highway. Right, what the last output of a recurrent chain owes to the input of every time step: an RNN multiplies by a matrix at every step; an LSTM multiplies its cell c by the forget gate f, and the input gate i adds what is new, g. Addition helps, and removes nothing: a residual network grows with its depth, a gate that is only half open forgets as well.</source>
        <translation>许多因子的乘积会消失或爆炸，而和却不一定。左图：权重相同的三种网络（普通、残差、高速公路网络），梯度一路传回输入时的大小。右图：循环网络最后的输出对每个时间步的输入的梯度：循环神经网络每一步都乘以一个矩阵；长短期记忆网络的记忆元 c 则乘以遗忘门 f，再由输入门 i 加入新的内容 g。把乘法变成加法有帮助，但不能根除问题：残差网络会随深度增长，半开的门同样会遗忘。</translation>
    </message>
    <message>
        <source>{0}: first layer ÷ last</source>
        <translation>{0}：首层 ÷ 末层</translation>
    </message>
    <message>
        <source>{0}: first step ÷ last</source>
        <translation>{0}：首步 ÷ 末步</translation>
    </message>
    <message>
        <source>forget gate without input</source>
        <translation>无输入时的遗忘门</translation>
    </message>
    <message>
        <source>Plain</source>
        <translation>普通</translation>
    </message>
    <message>
        <source>Residual</source>
        <translation>残差</translation>
    </message>
    <message>
        <source>Highway</source>
        <translation>高速公路网络</translation>
    </message>
    <message>
        <source>Gradient of every layer ‖∂L/∂hₗ‖</source>
        <translation>每一层的梯度 ‖∂L/∂hₗ‖</translation>
    </message>
    <message>
        <source>Every layer</source>
        <translation>每一层</translation>
    </message>
    <message>
        <source>layer l, 0 is the input</source>
        <translation>层 l（0 是输入）</translation>
    </message>
    <message>
        <source>Gradient of every time step ‖∂L/∂xₜ‖</source>
        <translation>每个时间步的梯度 ‖∂L/∂xₜ‖</translation>
    </message>
    <message>
        <source>Every time step</source>
        <translation>每个时间步</translation>
    </message>
    <message>
        <source>time step t</source>
        <translation>时间步 t</translation>
    </message>
    <message>
        <source>forget gate alone</source>
        <translation>只有遗忘门</translation>
    </message>
    <message>
        <source>gate</source>
        <translation>门</translation>
    </message>
</context>
<context>
    <name>HeatmapAxes</name>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>out</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>input  ←  layer  →  output</source>
        <translation>输入  ←  层  →  输出</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
</context>
<context>
    <name>HeatmapCanvas</name>
    <message>
        <source>has no meaning with this activation</source>
        <translation>对该激活函数没有意义</translation>
    </message>
</context>
<context>
    <name>HeatmapView</name>
    <message>
        <source>Quantity</source>
        <translation>显示的量</translation>
    </message>
    <message>
        <source>Colour scale</source>
        <translation>颜色标度</translation>
    </message>
    <message>
        <source>Fixed: colours can be compared between runs</source>
        <translation>固定：不同运行之间可以比较</translation>
    </message>
    <message>
        <source>From the smallest to the largest of late</source>
        <translation>按最近的最小值到最大值</translation>
    </message>
    <message>
        <source>Each layer from its smallest to its largest</source>
        <translation>每层按自己的最小值到最大值</translation>
    </message>
    <message>
        <source>second ÷ first</source>
        <translation>第二个 ÷ 第一个</translation>
    </message>
    <message>
        <source>second − first</source>
        <translation>第二个 − 第一个</translation>
    </message>
    <message>
        <source>output layer</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>layer {0}</source>
        <translation>第 {0} 层</translation>
    </message>
    <message>
        <source>{0}, subnormal</source>
        <translation>{0}，次正规</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>largest of steps {0}–{1}</source>
        <translation>第 {0}–{1} 步中的最大值</translation>
    </message>
</context>
<context>
    <name>InspectorView</name>
    <message>
        <source>Click a row of a heatmap to look at another layer.</source>
        <translation>单击热图中的一行，细看另一层。</translation>
    </message>
    <message>
        <source>entries of ∂L/∂W, by their power of ten</source>
        <translation>∂L/∂W 各元素的数量级</translation>
    </message>
    <message>
        <source>entries of ∂L/∂W</source>
        <translation>∂L/∂W 各元素</translation>
    </message>
    <message>
        <source>One layer closely</source>
        <translation>细看一层</translation>
    </message>
    <message>
        <source>Output layer</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>Layer {0}</source>
        <translation>第 {0} 层</translation>
    </message>
    <message>
        <source>{0} closely</source>
        <translation>细看{0}</translation>
    </message>
    <message>
        <source>∂L/∂W: not kept of this step</source>
        <translation>∂L/∂W：未保存这一步的数据</translation>
    </message>
    <message>
        <source>the output layer has no φ</source>
        <translation>输出层没有 φ</translation>
    </message>
    <message>
        <source>φ (line), φ′ (dashes); its inputs: not kept of this step</source>
        <translation>φ（实线）、φ′（虚线）；其输入：未保存这一步的数据</translation>
    </message>
    <message>
        <source>φ, φ′; inputs not kept</source>
        <translation>φ、φ′；输入未保存</translation>
    </message>
    <message>
        <source>φ (line), φ′ (dashes), over its inputs (bars)</source>
        <translation>φ（实线）、φ′（虚线）及其输入的分布</translation>
    </message>
    <message>
        <source>φ, φ′ over the inputs</source>
        <translation>φ、φ′ 与输入</translation>
    </message>
    <message>
        <source>zeros</source>
        <translation>零</translation>
    </message>
</context>
<context>
    <name>JacobianLab</name>
    <message>
        <source>A gradient on its way back is multiplied by the Jacobian of every layer. The singular values of their product say how much the best and the worst direction keep of it: where all of them fall, the gradient vanishes; where they fan out, most directions are lost though the norm may look healthy. Left, the network that now stands in the main window; beside it the same network with fresh Gaussian and orthogonal weights of the same size. Orthogonal factors stretch nothing: only φ′ fans out. A line ends where float64 can no longer tell its values from 0 beside the largest, some 10¹⁴ times as large.</source>
        <translation>梯度在回传途中要乘以每一层的雅可比矩阵。这些矩阵乘积的奇异值说明，在最好和最坏的方向上梯度还剩下多少：所有奇异值都变小，就是梯度消失；奇异值像扇子一样散开，则大多数方向已经丢失，尽管范数看起来可能还正常。左图是主窗口中现在的网络；旁边是同一个网络，但权重换成了大小相同、重新抽取的高斯矩阵和正交矩阵。正交矩阵不做任何拉伸：散开只来自 φ′。最大的奇异值约为某个值的 10¹⁴ 倍时，float64 就无法再把后者与 0 区分开，曲线到此为止。</translation>
    </message>
    <message>
        <source>The network is too large for this lab: at most {0} units in a layer.</source>
        <translation>网络太大，这个小实验处理不了：每层最多 {0} 个单元。</translation>
    </message>
    <message>
        <source>Weights are no longer finite: nothing can be decomposed.</source>
        <translation>权重中已经出现非有限的数，无法分解。</translation>
    </message>
    <message>
        <source>One hidden layer: there is no Jacobian between hidden layers.</source>
        <translation>只有一个隐藏层：隐藏层之间没有雅可比矩阵。</translation>
    </message>
    <message>
        <source>The main window&apos;s experiment before its first step</source>
        <translation>主窗口的实验，尚未开始训练</translation>
    </message>
    <message>
        <source>The main window&apos;s network after step {0}</source>
        <translation>主窗口的网络，第 {0} 步之后</translation>
    </message>
    <message>
        <source>{0}: σ₁ at l = 1</source>
        <translation>{0}：l = 1 处的 σ₁</translation>
    </message>
    <message>
        <source>{0}: median at l = 1</source>
        <translation>{0}：l = 1 处的中位数</translation>
    </message>
    <message>
        <source>Take the network as it is now</source>
        <translation>取当前的网络</translation>
    </message>
    <message>
        <source>The network</source>
        <translation>当前网络</translation>
    </message>
    <message>
        <source>Gaussian</source>
        <translation>高斯</translation>
    </message>
    <message>
        <source>Orthogonal</source>
        <translation>正交</translation>
    </message>
    <message>
        <source>largest</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>median</source>
        <translation>中位数</translation>
    </message>
    <message>
        <source>smallest</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>med.</source>
        <translation>中位</translation>
    </message>
    <message>
        <source>min</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>singular values</source>
        <translation>奇异值</translation>
    </message>
    <message>
        <source>layer l</source>
        <translation>层 l</translation>
    </message>
</context>
<context>
    <name>KeyHelp</name>
    <message>
        <source>All keys</source>
        <translation>全部按键</translation>
    </message>
    <message>
        <source>A preset; after L or in a lesson, one of the ten</source>
        <translation>预设；按 L 后或在课程中为十课之一</translation>
    </message>
    <message>
        <source>The pages of a lesson</source>
        <translation>课程翻页</translation>
    </message>
    <message>
        <source>double-click</source>
        <translation>双击</translation>
    </message>
    <message>
        <source>A view in the whole window</source>
        <translation>一个视图占满窗口</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
</context>
<context>
    <name>LabPage</name>
    <message>
        <source>Interrupted; any change of a control starts again.</source>
        <translation>已中断；改动任一控件就会重新开始。</translation>
    </message>
    <message>
        <source>Picture (PNG)…</source>
        <translation>图片（PNG）…</translation>
    </message>
    <message>
        <source>Drawing (SVG)…</source>
        <translation>矢量图（SVG）…</translation>
    </message>
    <message>
        <source>Data (CSV)…</source>
        <translation>数据（CSV）…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Nothing to export before the first result.</source>
        <translation>得到第一个结果之前没有可导出的内容。</translation>
    </message>
    <message>
        <source>Not saved. {0}</source>
        <translation>未保存。{0}</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>已保存：{0}</translation>
    </message>
    <message>
        <source>Show it in the main window</source>
        <translation>在主窗口中演示</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>Labs</name>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Factor a</source>
        <translation>因子 a</translation>
    </message>
    <message>
        <source>Number of factors d</source>
        <translation>因子个数 d</translation>
    </message>
    <message>
        <source>Activation and derivative</source>
        <translation>激活函数与导数</translation>
    </message>
    <message>
        <source>Product of matrices</source>
        <translation>矩阵连乘</translation>
    </message>
    <message>
        <source>Scalar chain</source>
        <translation>标量连乘</translation>
    </message>
    <message>
        <source>Number formats</source>
        <translation>数值格式</translation>
    </message>
    <message>
        <source>Variance through the layers</source>
        <translation>逐层的方差</translation>
    </message>
    <message>
        <source>Symmetry</source>
        <translation>对称性</translation>
    </message>
    <message>
        <source>Jacobian spectrum</source>
        <translation>雅可比矩阵的奇异值</translation>
    </message>
    <message>
        <source>Gates and addition</source>
        <translation>门与加法</translation>
    </message>
    <message>
        <source>ReLU fits a curve</source>
        <translation>ReLU 拟合曲线</translation>
    </message>
    <message>
        <source>Distribution shift</source>
        <translation>分布偏移</translation>
    </message>
    <message>
        <source>Activation</source>
        <translation>激活函数</translation>
    </message>
    <message>
        <source>and</source>
        <translation>第二个</translation>
    </message>
    <message>
        <source>and also</source>
        <translation>第三个</translation>
    </message>
    <message>
        <source>Taylor polynomial</source>
        <translation>泰勒多项式</translation>
    </message>
    <message>
        <source>Its order at 0; order 1 is the tangent.</source>
        <translation>在 0 处展开的阶数；1 阶就是切线。</translation>
    </message>
    <message>
        <source>σ of the Gaussian over z</source>
        <translation>z 的正态分布的 σ</translation>
    </message>
    <message>
        <source>From z =</source>
        <translation>从 z =</translation>
    </message>
    <message>
        <source>The plots can also be dragged, and zoomed with the wheel.</source>
        <translation>也可以直接拖动图形，或用滚轮缩放。</translation>
    </message>
    <message>
        <source>To z =</source>
        <translation>到 z =</translation>
    </message>
    <message>
        <source>Width of the input</source>
        <translation>输入的宽度</translation>
    </message>
    <message>
        <source>Width of the last layer</source>
        <translation>最后一层的宽度</translation>
    </message>
    <message>
        <source>The widths between follow by equal factors.</source>
        <translation>中间各层的宽度按相同的比例变化。</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层数</translation>
    </message>
    <message>
        <source>Highway&apos;s gate bias</source>
        <translation>高速公路的门偏置</translation>
    </message>
    <message>
        <source>The lower, the more of a layer&apos;s input passes unchanged.</source>
        <translation>越低，一层的输入就有越多原样通过。</translation>
    </message>
    <message>
        <source>Time steps T</source>
        <translation>时间步数 T</translation>
    </message>
    <message>
        <source>LSTM&apos;s forget bias</source>
        <translation>遗忘门偏置</translation>
    </message>
    <message>
        <source>The higher, the longer the cell keeps what it holds.</source>
        <translation>越高，记忆元保持其内容的时间就越长。</translation>
    </message>
    <message>
        <source>Units in a layer</source>
        <translation>每层单元数</translation>
    </message>
    <message>
        <source>Weight scale σ√n</source>
        <translation>权重尺度 σ√n</translation>
    </message>
    <message>
        <source>Weights are drawn from N(0, σ²); 1 is σ² = 1/n.</source>
        <translation>权重抽取自 N(0, σ²)；1 表示 σ² = 1/n。</translation>
    </message>
    <message>
        <source>γ of your own</source>
        <translation>自选的 γ</translation>
    </message>
    <message>
        <source>The variance of every weight in every layer.</source>
        <translation>每一层每个权重的方差。</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Number of factors k</source>
        <translation>因子个数 k</translation>
    </message>
    <message>
        <source>Size n of the n × n matrices</source>
        <translation>n × n 矩阵的大小 n</translation>
    </message>
    <message>
        <source>Standard deviation σ</source>
        <translation>标准差 σ</translation>
    </message>
    <message>
        <source>Entries</source>
        <translation>元素</translation>
    </message>
    <message>
        <source>Number format</source>
        <translation>数值格式</translation>
    </message>
    <message>
        <source>σ of the gradients</source>
        <translation>梯度的 σ</translation>
    </message>
    <message>
        <source>The line in the picture can be dragged, too.</source>
        <translation>也可以拖动图中的竖线。</translation>
    </message>
    <message>
        <source>Loss scale S = 2 to the</source>
        <translation>损失缩放 S：2 的幂次</translation>
    </message>
    <message>
        <source>Training steps</source>
        <translation>训练步数</translation>
    </message>
    <message>
        <source>Curve</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Hidden units</source>
        <translation>隐藏单元数</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>Of the training data; every sample has its own Jacobian.</source>
        <translation>取自训练数据；每个样本有自己的雅可比矩阵。</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>偏移</translation>
    </message>
    <message>
        <source>Distance of the target</source>
        <translation>目标的距离</translation>
    </message>
    <message>
        <source>Between the means of source and target; σ is 1.</source>
        <translation>源分布与目标分布均值之间的距离；σ 为 1。</translation>
    </message>
    <message>
        <source>Class 1 in the source</source>
        <translation>源分布中类别 1 的比例</translation>
    </message>
    <message>
        <source>Class 1 in the target</source>
        <translation>目标分布中类别 1 的比例</translation>
    </message>
    <message>
        <source>Largest weight c</source>
        <translation>权重上限 c</translation>
    </message>
    <message>
        <source>A small c leaves a bias, a large one a few samples.</source>
        <translation>c 太小会留下偏差，太大则只有少数样本起作用。</translation>
    </message>
    <message>
        <source>Samples of each</source>
        <translation>每个分布的样本数</translation>
    </message>
    <message>
        <source>Hidden layers</source>
        <translation>隐藏层数</translation>
    </message>
    <message>
        <source>0 is softmax regression.</source>
        <translation>0 就是 softmax 回归。</translation>
    </message>
    <message>
        <source>Units in a hidden layer</source>
        <translation>每个隐藏层的单元数</translation>
    </message>
    <message>
        <source>First weights</source>
        <translation>初始权重</translation>
    </message>
    <message>
        <source>Constant c</source>
        <translation>常数 c</translation>
    </message>
    <message>
        <source>Dropout</source>
        <translation>暂退法</translation>
    </message>
</context>
<context>
    <name>LabsWindow</name>
    <message>
        <source>Labs</source>
        <translation>小实验</translation>
    </message>
</context>
<context>
    <name>LayerPanel</name>
    <message>
        <source>out</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>theory</source>
        <translation>理论</translation>
    </message>
    <message>
        <source>by chance</source>
        <translation>偶然范围</translation>
    </message>
    <message>
        <source>chance</source>
        <translation>偶然</translation>
    </message>
</context>
<context>
    <name>LayerVarianceLab</name>
    <message>
        <source>A linear network whose widths change on the way: a batch is sent forward, a gradient back. Lines are theory, dots were measured. nᵢₙ γ = 1 keeps the variance of the signal, nₒᵤₜ γ = 1 that of the gradient; only equal widths allow both, and Xavier&apos;s rule lies between. A γ of your own, the same for all layers, shows how fast everything vanishes or explodes. Theory is the mean over all draws; one draw of narrow layers strays from it by chance, the farther the more layers there are.</source>
        <translation>一个宽度逐层变化的线性网络：一个小批量前向传播，一个梯度反向传播。线是理论值，点是测量值。nᵢₙ γ = 1 保持信号的方差，nₒᵤₜ γ = 1 保持梯度的方差；只有宽度相等时两者才能同时成立，Xavier 初始化取两者的折中。自选的 γ 对所有层都相同，可以看到一切消失或爆炸得有多快。理论值是对所有随机抽取的平均；层较窄时，单次抽取会偶然偏离它，层数越多，偏离越大。</translation>
    </message>
    <message>
        <source>{0}: signal (theory)</source>
        <translation>{0}：信号（理论）</translation>
    </message>
    <message>
        <source>{0}: gradient (theory)</source>
        <translation>{0}：梯度（理论）</translation>
    </message>
    <message>
        <source>own γ</source>
        <translation>自选 γ</translation>
    </message>
    <message>
        <source>Forward: variance of the signal</source>
        <translation>前向传播：信号的方差</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>前向传播</translation>
    </message>
    <message>
        <source>Backward: variance of the gradient</source>
        <translation>反向传播：梯度的方差</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>反向传播</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>layer {0}, width {1}</source>
        <translation>第 {0} 层，宽度 {1}</translation>
    </message>
</context>
<context>
    <name>LessonMenu</name>
    <message>
        <source>Go on with lesson {0}  ·  {1}</source>
        <translation>继续第 {0} 课  ·  {1}</translation>
    </message>
    <message>
        <source>not available</source>
        <translation>不可用</translation>
    </message>
</context>
<context>
    <name>LessonMode</name>
    <message>
        <source>No lesson can be given: their files are damaged or missing.</source>
        <translation>无法打开任何课程：课程文件已损坏或缺失。</translation>
    </message>
    <message>
        <source>Lesson {0} is not available.</source>
        <translation>第 {0} 课不可用。</translation>
    </message>
    <message>
        <source>Before the lesson</source>
        <translation>课程之前</translation>
    </message>
    <message>
        <source>The run is as before the lesson; training starts again at step 0.</source>
        <translation>运行显示为课程开始之前的样子；训练将从第 0 步重新开始。</translation>
    </message>
</context>
<context>
    <name>LessonPanel</name>
    <message>
        <source>Choose a lesson  (1 – 9, 0)</source>
        <translation>选择课程  (1 – 9, 0)</translation>
    </message>
    <message>
        <source>Choose a lesson</source>
        <translation>选择课程</translation>
    </message>
    <message>
        <source>Leave the lesson  (Esc)</source>
        <translation>离开课程  (Esc)</translation>
    </message>
    <message>
        <source>The page&apos;s own experiment again</source>
        <translation>回到本页自己的实验</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一页</translation>
    </message>
    <message>
        <source>The page before  (Page Up)</source>
        <translation>前一页  (Page Up)</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一页</translation>
    </message>
    <message>
        <source>Reveal, or turn the page  (Page Down)</source>
        <translation>揭晓或翻页  (Page Down)</translation>
    </message>
    <message>
        <source>not available: {0}</source>
        <translation>不可用：{0}</translation>
    </message>
    <message>
        <source>To end with</source>
        <translation>最后一问</translation>
    </message>
    <message>
        <source>Show the answer</source>
        <translation>显示答案</translation>
    </message>
    <message>
        <source>ANSWER</source>
        <translation>答案</translation>
    </message>
    <message>
        <source>Page {0} of {1}</source>
        <translation>第 {0} 页，共 {1} 页</translation>
    </message>
    <message>
        <source>DO</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>WATCH</source>
        <translation>观察</translation>
    </message>
    <message>
        <source>PREDICT</source>
        <translation>先猜</translation>
    </message>
    <message>
        <source>Reveal</source>
        <translation>揭晓</translation>
    </message>
    <message>
        <source>WHAT IS TRUE</source>
        <translation>实际结果</translation>
    </message>
</context>
<context>
    <name>LossView</name>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>not finite from step {0} on</source>
        <translation>从第 {0} 步起不是有限值</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Again from step 0</source>
        <translation>从第 0 步重新开始</translation>
    </message>
    <message>
        <source>Not taken. {0}</source>
        <translation>未采用。{0}</translation>
    </message>
    <message>
        <source>Vanishing Point</source>
        <translation>消失点 Vanishing Point</translation>
    </message>
</context>
<context>
    <name>MatrixCard</name>
    <message>
        <source>row {0}, column {1}: {2}</source>
        <translation>第 {0} 行第 {1} 列：{2}</translation>
    </message>
</context>
<context>
    <name>MatrixProductLab</name>
    <message>
        <source>A gradient that passes k layers is a product of k matrices. A product of random ones grows by almost the same factor every time, its directions part at rates that theory knows, and only one survives. 100 factors of size 4×4 end near 10²⁴ (by luck some powers more or less); with thousands the number format ends: first Inf, then NaN. A small σ makes everything vanish. Orthogonal matrices keep every direction.</source>
        <translation>穿过 k 层的梯度是 k 个矩阵的乘积。随机矩阵的乘积每次几乎都增大同样的倍数，各个方向以理论已知的速率分开，最后只剩下一个方向。100 个 4×4 矩阵相乘大约得到 10²⁴（随机种子不同会差几个数量级）；几千个相乘就超出数值格式的范围：先是 Inf，然后是 NaN。σ 小则一切消失。正交矩阵保持每个方向。</translation>
    </message>
    <message>
        <source>factor {0}</source>
        <translation>第 {0} 个因子</translation>
    </message>
    <message>
        <source>largest entry</source>
        <translation>最大的元素</translation>
    </message>
    <message>
        <source>growth, measured</source>
        <translation>增长率（测量）</translation>
    </message>
    <message>
        <source>growth, theory</source>
        <translation>增长率（理论）</translation>
    </message>
    <message>
        <source>never</source>
        <translation>未出现</translation>
    </message>
    <message>
        <source>Inf in {0} from</source>
        <translation>{0} 出现 Inf：</translation>
    </message>
    <message>
        <source>NaN in {0} from</source>
        <translation>{0} 出现 NaN：</translation>
    </message>
    <message>
        <source>all zero in {0} from</source>
        <translation>{0} 全部变为 0：</translation>
    </message>
    <message>
        <source>Singular values of the product</source>
        <translation>乘积的奇异值</translation>
    </message>
    <message>
        <source>Singular values</source>
        <translation>奇异值</translation>
    </message>
    <message>
        <source>number of factors k</source>
        <translation>因子个数 k</translation>
    </message>
    <message>
        <source>Entries of the product in {0}</source>
        <translation>{0} 下乘积的元素</translation>
    </message>
    <message>
        <source>Entries</source>
        <translation>元素</translation>
    </message>
    <message>
        <source>largest singular value</source>
        <translation>最大奇异值</translation>
    </message>
    <message>
        <source>the others</source>
        <translation>其余奇异值</translation>
    </message>
    <message>
        <source>Frobenius norm in {0}</source>
        <translation>{0} 的弗罗贝尼乌斯范数</translation>
    </message>
    <message>
        <source>theory</source>
        <translation>理论</translation>
    </message>
    <message>
        <source>largest {0}</source>
        <translation>{0} 的最大值</translation>
    </message>
    <message>
        <source>smallest {0}</source>
        <translation>{0} 的最小正数</translation>
    </message>
</context>
<context>
    <name>Menu</name>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>最近的文件</translation>
    </message>
    <message>
        <source>Your own presets</source>
        <translation>我的预设</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>As at first</source>
        <translation>恢复初始布局</translation>
    </message>
</context>
<context>
    <name>NumberFormatsLab</name>
    <message>
        <source>Every number format ends on both sides: above its largest number lies Inf, below its smallest 0, and near its lower end (pale) it loses digits. Gradients are often smaller than float16 can hold. Multiply the loss by S and they move to the right, into the range; divide by S after the backward pass and nothing else has changed. Too large an S makes Inf.</source>
        <translation>每种数值格式都有两端：比最大值还大就成为 Inf，比最小值还小就成为 0，靠近下端（浅色）则丢失精度。梯度常常比 float16 能表示的还小。把损失乘以 S，梯度就向右移进可表示的范围；反向传播之后再除以 S，其他什么都没有改变。S 太大则会出现 Inf。</translation>
    </message>
    <message>
        <source>largest</source>
        <translation>最大值</translation>
    </message>
    <message>
        <source>smallest normal</source>
        <translation>最小正规数</translation>
    </message>
    <message>
        <source>smallest subnormal</source>
        <translation>最小次正规数</translation>
    </message>
    <message>
        <source>spacing at 1</source>
        <translation>1 处的间距</translation>
    </message>
    <message>
        <source>lost to 0 (sampled)</source>
        <translation>变成 0（抽样）</translation>
    </message>
    <message>
        <source>subnormal (sampled)</source>
        <translation>次正规数（抽样）</translation>
    </message>
    <message>
        <source>Inf (sampled)</source>
        <translation>Inf（抽样）</translation>
    </message>
    <message>
        <source>σ · S</source>
        <translation>σ · S</translation>
    </message>
    <message>
        <source>What a format can hold</source>
        <translation>各种格式能表示的范围</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Distance to the next number</source>
        <translation>到下一个数的距离</translation>
    </message>
    <message>
        <source>Spacing</source>
        <translation>间距</translation>
    </message>
    <message>
        <source>size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>gradients times S</source>
        <translation>梯度乘以 S</translation>
    </message>
    <message>
        <source>gradients</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>σ · S, to drag</source>
        <translation>σ · S（可拖动）</translation>
    </message>
    <message>
        <source>0 in {0}</source>
        <translation>在 {0} 中为 0</translation>
    </message>
    <message>
        <source>subnormal in {0}</source>
        <translation>在 {0} 中为次正规数</translation>
    </message>
    <message>
        <source>Inf in {0}</source>
        <translation>在 {0} 中为 Inf</translation>
    </message>
    <message>
        <source>normal in {0}</source>
        <translation>在 {0} 中为正规数</translation>
    </message>
</context>
<context>
    <name>ParameterPanel</name>
    <message>
        <source>Reset</source>
        <translation>恢复默认</translation>
    </message>
</context>
<context>
    <name>ParameterRow</name>
    <message>
        <source>Another seed</source>
        <translation>换一个随机种子</translation>
    </message>
</context>
<context>
    <name>PhaseView</name>
    <message>
        <source>Order and chaos</source>
        <translation>有序与混沌</translation>
    </message>
    <message>
        <source>Phases</source>
        <translation>相图</translation>
    </message>
    <message>
        <source>edge of chaos</source>
        <translation>混沌边缘</translation>
    </message>
    <message>
        <source>this experiment</source>
        <translation>当前实验</translation>
    </message>
    <message>
        <source>edge</source>
        <translation>边缘</translation>
    </message>
    <message>
        <source>here</source>
        <translation>当前</translation>
    </message>
    <message>
        <source>This network has no place between order and chaos: {0}.</source>
        <translation>这个网络在有序与混沌之间没有位置：{0}。</translation>
    </message>
    <message>
        <source>Not taken: that place has {0} {1}, and {2} is the most there is.</source>
        <translation>未采用：那里的{0}为 {1}，而最大只能取 {2}。</translation>
    </message>
    <message>
        <source>{0} draws biases of its own: σ_b² is {1} here, and cannot be 0.</source>
        <translation>{0}自带随机偏置：此处 σ_b² 为 {1}，不能为 0。</translation>
    </message>
    <message>
        <source>ordered: gradients vanish</source>
        <translation>有序: 梯度消失</translation>
    </message>
    <message>
        <source>chaotic: gradients explode</source>
        <translation>混沌: 梯度爆炸</translation>
    </message>
    <message>
        <source>The colour says how much is lost or gained over the depth of this network: the paler, the better it can be trained. A click sets gain and bias σ.</source>
        <translation>颜色表示在该网络的深度上梯度缩小或增大了多少：颜色越浅，越容易训练。单击可设定增益和偏置的 σ。</translation>
    </message>
    <message>
        <source>σ_w² {0}, σ_b² {1}: ×{2} per layer</source>
        <translation>σ_w² {0}，σ_b² {1}：每层 ×{2}</translation>
    </message>
</context>
<context>
    <name>Phases</name>
    <message>
        <source>Ordered</source>
        <translation>有序</translation>
    </message>
    <message>
        <source>Chaotic</source>
        <translation>混沌</translation>
    </message>
    <message>
        <source>At the edge of chaos</source>
        <translation>处于混沌边缘</translation>
    </message>
    <message>
        <source>No fixed point</source>
        <translation>没有不动点</translation>
    </message>
    <message>
        <source>{0}, {1}: deep down ×{2} per layer going back</source>
        <translation>{0}，{1}：深层处反向每层 ×{2}</translation>
    </message>
    <message>
        <source>{0}, {1}: ×{2} per layer going back, and the signal grows</source>
        <translation>{0}，{1}：反向每层 ×{2}，且信号不断增大</translation>
    </message>
    <message>
        <source>depth scale ξ = ∞: signals reach through {0} layers</source>
        <translation>深度尺度 ξ = ∞：信号可传过全部 {0} 层</translation>
    </message>
    <message>
        <source>depth scale ξ = {0}: trainable to about 6 ξ = {1}, this has {2}</source>
        <translation>深度尺度 ξ = {0}：约 6 ξ = {1} 层之内可训练，当前 {2} 层</translation>
    </message>
    <message>
        <source>depth scale ξ = {0}: trainable only to about 6 ξ = {1}, this has {2}</source>
        <translation>深度尺度 ξ = {0}：仅约 6 ξ = {1} 层之内可训练，当前 {2} 层</translation>
    </message>
    <message>
        <source>6 ξ = {0}, depth {1}</source>
        <translation>6 ξ = {0}，深度 {1}</translation>
    </message>
    <message>
        <source>no edge of chaos: wherever {0} comes to rest, gradients vanish</source>
        <translation>没有混沌边缘：只要 {0} 的信号趋于稳定，梯度就会消失</translation>
    </message>
    <message>
        <source>no edge of chaos</source>
        <translation>没有混沌边缘</translation>
    </message>
</context>
<context>
    <name>Player</name>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>单步</translation>
    </message>
    <message>
        <source>Rewind</source>
        <translation>回到起点</translation>
    </message>
</context>
<context>
    <name>PresetDialog</name>
    <message>
        <source>Save as preset</source>
        <translation>另存为预设</translation>
    </message>
    <message>
        <source>What is to be seen (may stay empty)</source>
        <translation>能看到什么（可不填）</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Sentence</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>A preset of yours with this name will be replaced.</source>
        <translation>将替换同名的预设。</translation>
    </message>
    <message>
        <source>Not saved. {0}</source>
        <translation>未保存。{0}</translation>
    </message>
</context>
<context>
    <name>PresetGallery</name>
    <message>
        <source>Presets</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Your own</source>
        <translation>我的预设</translation>
    </message>
    <message>
        <source>Not shown: {0}</source>
        <translation>未显示：{0}</translation>
    </message>
    <message>
        <source>Move to the recycle bin</source>
        <translation>移到回收站</translation>
    </message>
    <message>
        <source>A right click offers to delete it.</source>
        <translation>右键点击可以删除。</translation>
    </message>
</context>
<context>
    <name>Profile</name>
    <message>
        <source>no slope</source>
        <translation>无斜率</translation>
    </message>
    <message>
        <source>×{0} per layer</source>
        <translation>每层 ×{0}</translation>
    </message>
    <message>
        <source>×{0} per layer in layers {1}–{2}</source>
        <translation>第 {1}–{2} 层每层 ×{0}</translation>
    </message>
    <message>
        <source>{0} decades lost</source>
        <translation>缩小 {0} 个数量级</translation>
    </message>
    <message>
        <source>{0} decades gained</source>
        <translation>增大 {0} 个数量级</translation>
    </message>
    <message>
        <source>{0} decades</source>
        <translation>{0} 个数量级</translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}，{1}</translation>
    </message>
    <message>
        <source>no theory</source>
        <translation>无理论值</translation>
    </message>
    <message>
        <source>theory {0}</source>
        <translation>理论 {0}</translation>
    </message>
    <message>
        <source>{0} {1}</source>
        <translation>{0} {1}</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>{0}, typically ×{1}</source>
        <translation>{0}，典型值 ×{1}</translation>
    </message>
    <message>
        <source>no theory: the gradient is not finite</source>
        <translation>无理论值：梯度不是有限的</translation>
    </message>
    <message>
        <source>no theory: hardly any unit passes a gradient on</source>
        <translation>无理论值：几乎没有单元传回梯度</translation>
    </message>
    <message>
        <source>no theory: the gradient is zero</source>
        <translation>无理论值：梯度为零</translation>
    </message>
    <message>
        <source>changed before step 1: {0}</source>
        <translation>第 1 步之前改动：{0}</translation>
    </message>
    <message>
        <source>changed before step 1</source>
        <translation>第 1 步之前有改动</translation>
    </message>
    <message>
        <source>changed after step {0}: {1}</source>
        <translation>第 {0} 步之后改动：{1}</translation>
    </message>
    <message>
        <source>changed after step {0}</source>
        <translation>第 {0} 步之后有改动</translation>
    </message>
    <message>
        <source>No theory: {0}</source>
        <translation>无理论值：{0}</translation>
    </message>
    <message>
        <source>Theory at initialisation, approximate: {0}</source>
        <translation>初始化时的理论，近似：{0}</translation>
    </message>
    <message>
        <source>approximate theory</source>
        <translation>近似理论</translation>
    </message>
    <message>
        <source>Theory at initialisation, only forward: {0}</source>
        <translation>初始化时的理论，仅有前向：{0}</translation>
    </message>
    <message>
        <source>theory only forward</source>
        <translation>理论仅有前向</translation>
    </message>
    <message>
        <source>Theory at initialisation; {0}</source>
        <translation>初始化时的理论；{0}</translation>
    </message>
    <message>
        <source>theory, ∂L/∂W approximate</source>
        <translation>理论，∂L/∂W 为近似</translation>
    </message>
    <message>
        <source>Theory at initialisation</source>
        <translation>初始化时的理论</translation>
    </message>
    <message>
        <source>weights moved by up to {0} of their size on average</source>
        <translation>权重平均至多移动了自身大小的 {0}</translation>
    </message>
    <message>
        <source>moved up to {0} of ‖W‖</source>
        <translation>至多移动 ‖W‖ 的 {0}</translation>
    </message>
    <message>
        <source>weights moved by more than their own size</source>
        <translation>权重的移动已超过自身大小</translation>
    </message>
    <message>
        <source>moved far</source>
        <translation>移动很大</translation>
    </message>
</context>
<context>
    <name>ProfileView</name>
    <message>
        <source>Every layer now</source>
        <translation>当前各层</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>Left: the layer next to the input. Right: the output layer. Activations travel from left to right, gradients from right to left.
Dashed: theory at initialisation. Bands: where chance puts two of three networks of this width, for one sample; of ∂L/∂W also by which samples were at hand.</source>
        <translation>左边是紧邻输入的层，右边是输出层。激活值从左向右传播，梯度从右向左传播。
虚线：初始化时的理论值。色带：对单个样本而言，这一宽度的网络中三分之二因偶然而落入的范围；∂L/∂W 的色带还包含取到哪些样本的影响。</translation>
    </message>
    <message>
        <source>Every layer at step {0}</source>
        <translation>第 {0} 步的每一层</translation>
    </message>
    <message>
        <source>Every layer at step {0}, the last finite one</source>
        <translation>第 {0} 步（最后一个有限的步）的各层</translation>
    </message>
    <message>
        <source>Step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>{0} (too deep to be shown)</source>
        <translation>{0}（层数太多，此处不画）</translation>
    </message>
    <message>
        <source>Step {0}, the last finite</source>
        <translation>第 {0} 步，最后一个有限步</translation>
    </message>
    <message>
        <source>{0}, mean of {1}–{2}</source>
        <translation>{0}，{1}–{2} 步的均值</translation>
    </message>
    <message>
        <source>output layer</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>layer {0}</source>
        <translation>第 {0} 层</translation>
    </message>
</context>
<context>
    <name>Quantities</name>
    <message>
        <source>Gradient at the activations</source>
        <translation>对激活值的梯度</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>Gradient at the weights</source>
        <translation>对权重的梯度</translation>
    </message>
    <message>
        <source>Size of the activations</source>
        <translation>激活值的大小</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>激活值</translation>
    </message>
    <message>
        <source>Update of the weights</source>
        <translation>权重的更新</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Saturated units</source>
        <translation>饱和的单元</translation>
    </message>
    <message>
        <source>Saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>Inactive units</source>
        <translation>不活跃的单元</translation>
    </message>
    <message>
        <source>Inactive</source>
        <translation>不活跃</translation>
    </message>
    <message>
        <source>Gradient exactly zero</source>
        <translation>梯度恰为零</translation>
    </message>
    <message>
        <source>Zero</source>
        <translation>零</translation>
    </message>
    <message>
        <source>Distinct units</source>
        <translation>互不相同的单元</translation>
    </message>
    <message>
        <source>Distinct</source>
        <translation>互异</translation>
    </message>
</context>
<context>
    <name>Recovery</name>
    <message>
        <source>This record takes long to write: a killed program would lose up to {0} s of it.</source>
        <translation>这份记录写入较慢：程序若被强行终止，最多会丢失最后 {0} 秒。</translation>
    </message>
</context>
<context>
    <name>RecoveryBar</name>
    <message>
        <source>The program was ended in the middle of a run. It was kept as of {0}.</source>
        <translation>程序上次在训练途中意外结束。已保留 {0} 时的运行记录。</translation>
    </message>
    <message>
        <source>Show that run</source>
        <translation>显示这次运行</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>The run that was kept</source>
        <translation>已恢复的运行</translation>
    </message>
</context>
<context>
    <name>RefusalBar</name>
    <message>
        <source>Not opened: {0}</source>
        <translation>未打开：{0}</translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation>关闭这条通知</translation>
    </message>
</context>
<context>
    <name>Refusals</name>
    <message>
        <source>must be a whole number from {0} to {1}</source>
        <translation>必须是 {0} 到 {1} 之间的整数</translation>
    </message>
    <message>
        <source>must be a number from {0} up to but not including {1}</source>
        <translation>必须是不小于 {0} 且小于 {1} 的数</translation>
    </message>
    <message>
        <source>must be a number from {0} to {1}</source>
        <translation>必须是 {0} 到 {1} 之间的数</translation>
    </message>
    <message>
        <source>{0}, or up to {1} of them with commas between</source>
        <translation>{0}，或用逗号隔开的至多 {1} 个这样的数</translation>
    </message>
    <message>
        <source>must be one of {0}; otherwise it {1}</source>
        <translation>必须是下列之一：{0}；否则{1}</translation>
    </message>
    <message>
        <source>must be one of {0}</source>
        <translation>必须是下列之一：{0}</translation>
    </message>
    <message>
        <source>must be {0}</source>
        <translation>必须是{0}</translation>
    </message>
    <message>
        <source>{0}; a list belongs in the field “{1}”</source>
        <translation>{0}；列表请填在“{1}”中</translation>
    </message>
    <message>
        <source>Not known here: {0}</source>
        <translation>此处无法识别：{0}</translation>
    </message>
    <message>
        <source>Experiment</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Lesson</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Sentence</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>PyTorch script</source>
        <translation>PyTorch 脚本</translation>
    </message>
    <message>
        <source>{0} = {1}: {2}</source>
        <translation>{0} = {1}：{2}</translation>
    </message>
</context>
<context>
    <name>RunCurves</name>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>validation</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>valid.</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>first value that is not finite</source>
        <translation>首次出现非有限值</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>mean of steps {0}–{1}</source>
        <translation>第 {0}–{1} 步的均值</translation>
    </message>
</context>
<context>
    <name>RunList</name>
    <message>
        <source>Compared</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>the same</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>Swap with the first, which the form shows</source>
        <translation>与第一个交换，左侧的设置显示的是第一个</translation>
    </message>
    <message>
        <source>Forget this run</source>
        <translation>移除这次运行</translation>
    </message>
    <message>
        <source>Go on without this one</source>
        <translation>移除这一个，其余继续</translation>
    </message>
</context>
<context>
    <name>ScalarChainLab</name>
    <message>
        <source>The smallest network that vanishes and explodes: every layer multiplies by the same factor a. Its derivative is a power of the depth, a straight line on this axis. A factor a little below or above one is enough: after a hundred layers 0.8 leaves 2·10⁻¹⁰ and 1.5 makes 4·10¹⁷, both beyond float16, whose limits are drawn. Near its smallest number float16 may stand still: 0.8 times 2·2⁻²⁴ is rounded back to 2·2⁻²⁴.</source>
        <translation>一个最小的网络就足以出现梯度消失和梯度爆炸：每一层都乘以同一个因子 a。它的导数是 a 的深度次幂，在对数坐标轴上是一条直线。因子只要略小于或略大于 1 就够了：经过一百层，0.8 只剩下 2·10⁻¹⁰，1.5 变成 4·10¹⁷，两者都超出了 float16 的范围，图中画出了它的界限。接近最小数时，float16 可能停滞不前：0.8 乘以 2·2⁻²⁴ 又被舍入回 2·2⁻²⁴。</translation>
    </message>
    <message>
        <source>decades per factor</source>
        <translation>每个因子的数量级</translation>
    </message>
    <message>
        <source>factor {0}</source>
        <translation>第 {0} 个因子</translation>
    </message>
    <message>
        <source>never</source>
        <translation>未出现</translation>
    </message>
    <message>
        <source>float16 is 0 from</source>
        <translation>float16 变成 0：</translation>
    </message>
    <message>
        <source>float16 loses digits from</source>
        <translation>float16 开始丢失精度：</translation>
    </message>
    <message>
        <source>float16 is Inf from</source>
        <translation>float16 变成 Inf：</translation>
    </message>
    <message>
        <source>The derivative after every factor</source>
        <translation>每乘一个因子之后的导数</translation>
    </message>
    <message>
        <source>The derivative</source>
        <translation>导数</translation>
    </message>
    <message>
        <source>number of factors k</source>
        <translation>因子个数 k</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>精确值</translation>
    </message>
    <message>
        <source>as float16 multiplies it</source>
        <translation>float16 的计算结果</translation>
    </message>
    <message>
        <source>largest float16, 65504</source>
        <translation>float16 的最大值 65504</translation>
    </message>
    <message>
        <source>smallest normal float16</source>
        <translation>float16 的最小正规数</translation>
    </message>
    <message>
        <source>smallest float16, 2⁻²⁴</source>
        <translation>float16 的最小正数 2⁻²⁴</translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message>
        <source>{0} changed</source>
        <translation>{0} 项已更改</translation>
    </message>
</context>
<context>
    <name>Sharing</name>
    <message>
        <source>Copied: {0}</source>
        <translation>已复制：{0}</translation>
    </message>
    <message>
        <source>Not copied. {0}</source>
        <translation>未复制。{0}</translation>
    </message>
    <message>
        <source>Copied as PyTorch; its head names the command for its data.</source>
        <translation>已复制为 PyTorch 脚本；开头写明了生成数据的命令。</translation>
    </message>
    <message>
        <source>It has the last values of the changed run from its first step on.</source>
        <translation>它从第一步起就使用训练途中改过的最后的值。</translation>
    </message>
    <message>
        <source>Nothing to paste: there is no text on the clipboard.</source>
        <translation>没有可粘贴的内容：剪贴板上没有文本。</translation>
    </message>
    <message>
        <source>Not pasted. {0}</source>
        <translation>未能粘贴。{0}</translation>
    </message>
    <message>
        <source>Not known here: {0}</source>
        <translation>此处无法识别：{0}</translation>
    </message>
    <message>
        <source>Beyond the slider: {0}</source>
        <translation>超出滑块范围：{0}</translation>
    </message>
</context>
<context>
    <name>ShiftLab</name>
    <message>
        <source>The source is what was trained on, the target what it is used on. Covariate shift: p(x) changes, p(y|x) stays. A classifier between source and target has the logit h, and exp(h) is how much more frequent a sample is in the target; the straight classifier cannot follow the curved edge everywhere, and weights tell it where to be right. Label shift: p(y) changes, p(x|y) stays; the weights follow from how often the classifier confuses the classes. Clipping at c trades a bias for less noise.</source>
        <translation>模型在源分布上训练，在目标分布上使用。协变量偏移：p(x) 改变，p(y|x) 不变。训练一个区分源与目标的分类器，其对数几率为 h，exp(h) 就是样本在目标中出现的频率与在源中之比；直线分类器不能处处贴合弯曲的边界，权重告诉它应该在哪里做对。标签偏移：p(y) 改变，p(x|y) 不变；权重由分类器混淆各类别的频率得出。在 c 处裁剪，是以偏差换取更小的噪声。</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>target accuracy, no weights</source>
        <translation>目标上的精度，不加权</translation>
    </message>
    <message>
        <source>target accuracy, weighted</source>
        <translation>目标上的精度，加权</translation>
    </message>
    <message>
        <source>trained on the target itself</source>
        <translation>直接在目标上训练</translation>
    </message>
    <message>
        <source>effective samples (Σβ)²/Σβ²</source>
        <translation>有效样本数 (Σβ)²/Σβ²</translation>
    </message>
    <message>
        <source>largest weight before clipping</source>
        <translation>裁剪前的最大权重</translation>
    </message>
    <message>
        <source>weights clipped</source>
        <translation>被裁剪的权重</translation>
    </message>
    <message>
        <source>Samples; their area is their weight</source>
        <translation>样本（面积表示权重）</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>Weight of every source sample</source>
        <translation>每个源样本的权重</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>estimated ratio</source>
        <translation>估计的比值</translation>
    </message>
    <message>
        <source>true ratio q/p</source>
        <translation>真实的比值 q/p</translation>
    </message>
    <message>
        <source>estimated = true</source>
        <translation>估计 = 真实</translation>
    </message>
    <message>
        <source>clipped above c</source>
        <translation>大于 c 则裁剪</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>精确</translation>
    </message>
    <message>
        <source>source, class 0 ●</source>
        <translation>源，类别 0 ●</translation>
    </message>
    <message>
        <source>source, class 1 ▲</source>
        <translation>源，类别 1 ▲</translation>
    </message>
    <message>
        <source>target</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>without weights</source>
        <translation>不加权</translation>
    </message>
    <message>
        <source>with weights</source>
        <translation>加权</translation>
    </message>
    <message>
        <source>true edge</source>
        <translation>真实边界</translation>
    </message>
    <message>
        <source>no β</source>
        <translation>无 β</translation>
    </message>
</context>
<context>
    <name>SlowMotion</name>
    <message>
        <source>output layer</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>layer {0}</source>
        <translation>第 {0} 层</translation>
    </message>
    <message>
        <source>loss {0}</source>
        <translation>损失 {0}</translation>
    </message>
    <message>
        <source>forward: {0}</source>
        <translation>前向：{0}</translation>
    </message>
    <message>
        <source>backward: {0}</source>
        <translation>反向：{0}</translation>
    </message>
</context>
<context>
    <name>Stage</name>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>the first of {0} runs</source>
        <translation>共 {0} 次运行，此为第 1 次</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Share of the time of a step that measuring takes</source>
        <translation>测量占每一步时间的比例</translation>
    </message>
    <message>
        <source>Memory of the whole program, and of the record of this run in it</source>
        <translation>整个程序占用的内存，以及其中本次运行的记录</translation>
    </message>
    <message>
        <source>{0} steps/s</source>
        <translation>{0} 步/秒</translation>
    </message>
    <message>
        <source>measuring {0}</source>
        <translation>测量开销 {0}</translation>
    </message>
    <message>
        <source>no autosave</source>
        <translation>未自动保存</translation>
    </message>
    <message>
        <source>The run cannot be kept in case the program is killed: {0}</source>
        <translation>无法保存本次运行，若程序被强行终止便会丢失：{0}</translation>
    </message>
    <message>
        <source>recording</source>
        <translation>运行记录</translation>
    </message>
    <message>
        <source>: {0}</source>
        <translation>：{0}</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>run {0} ended at step {1}</source>
        <translation>第 {0} 次运行在第 {1} 步结束</translation>
    </message>
    <message>
        <source>the first run ended at step {0}</source>
        <translation>第一次运行在第 {0} 步结束</translation>
    </message>
    <message>
        <source>{0} parameters</source>
        <translation>{0} 个参数</translation>
    </message>
    <message>
        <source>CPU edition</source>
        <translation>CPU 版</translation>
    </message>
    <message>
        <source>CPU ({0}, {1} threads)</source>
        <translation>CPU（{0}，{1} 个线程）</translation>
    </message>
    <message>
        <source>CPU ({0}, 1 thread)</source>
        <translation>CPU（{0}，1 个线程）</translation>
    </message>
    <message>
        <source>memory {0} MB</source>
        <translation>内存 {0} MB</translation>
    </message>
    <message>
        <source>record {0} MB</source>
        <translation>记录 {0} MB</translation>
    </message>
</context>
<context>
    <name>SymmetryLab</name>
    <message>
        <source>Units of one layer that start with equal weights get equal gradients, so they stay equal: a layer of many units works as one, for ever. Units with the same letter are the same to the last bit. A random start parts them, and so does dropout, which silences one and not the other. Softmax regression, no hidden layer, may start from equal weights: the classes differ, and so do their gradients.</source>
        <translation>同一层中初始权重相等的单元得到相等的梯度，因此始终相等：一层有再多的单元，也永远只相当于一个。字母相同的单元，直到最后一个比特都相同。随机初始化会打破这种对称性，暂退法也会，因为它只让其中一部分单元沉默。没有隐藏层的 softmax 回归可以从相等的权重开始：类别不同，梯度也就不同。</translation>
    </message>
    <message>
        <source>input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>{0} distinct</source>
        <translation>{0} 个不同</translation>
    </message>
    <message>
        <source>no hidden layer</source>
        <translation>没有隐藏层</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>distinct units in each layer</source>
        <translation>每层不同的单元数</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>accuracy</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>The network; equal units have one letter</source>
        <translation>网络（相同的单元用同一字母）</translation>
    </message>
    <message>
        <source>The network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>positive weight</source>
        <translation>正权重</translation>
    </message>
    <message>
        <source>negative weight</source>
        <translation>负权重</translation>
    </message>
    <message>
        <source>Loss on six clouds of points</source>
        <translation>六团点上的损失</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>cross-entropy</source>
        <translation>交叉熵</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
</context>
<context>
    <name>ThresholdsDialog</name>
    <message>
        <source>Thresholds</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>Where a verdict begins is a convention. A change is in force at once, is remembered, and is written into every recording.</source>
        <translation>诊断从哪里开始成立只是一种约定。修改立即生效，会被记住，并写入每一份记录。</translation>
    </message>
    <message>
        <source>Convention</source>
        <translation>约定</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认值</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Back to the defaults</source>
        <translation>恢复默认值</translation>
    </message>
    <message>
        <source>fixed</source>
        <translation>固定</translation>
    </message>
    <message>
        <source>Not taken: “{0}” ({1}) must not be above “{2}” ({3}).</source>
        <translation>未采用：“{0}”（{1}）不得大于“{2}”（{3}）。</translation>
    </message>
    <message>
        <source>Not taken: {0} for “{1}”, which {2}.</source>
        <translation>未采用：“{1}”的值 {0}；它{2}。</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>Show the run again from its first step</source>
        <translation>从第一步起重放这次运行</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>重放</translation>
    </message>
    <message>
        <source>One step in slow motion, layer after layer</source>
        <translation>慢动作演示一步，逐层进行</translation>
    </message>
    <message>
        <source>Slow motion</source>
        <translation>慢动作</translation>
    </message>
    <message>
        <source>Back to the newest step</source>
        <translation>回到最新一步</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>最新</translation>
    </message>
    <message>
        <source>Drag to look at any step that has been made</source>
        <translation>拖动以查看任何一步</translation>
    </message>
    <message>
        <source>Recorded steps</source>
        <translation>已记录的步</translation>
    </message>
    <message>
        <source>step 0</source>
        <translation>第 0 步</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>第 {0} 步，共 {1} 步</translation>
    </message>
    <message>
        <source>{0}  (mean of {1}–{2})</source>
        <translation>{0}（第 {1}–{2} 步的均值）</translation>
    </message>
</context>
<context>
    <name>Toolbar</name>
    <message>
        <source>Step</source>
        <translation>单步</translation>
    </message>
    <message>
        <source>One batch  (→)
With Shift: to the end of the epoch</source>
        <translation>训练一个小批量（→）
按住 Shift：训练到本迭代周期结束</translation>
    </message>
    <message>
        <source>Rewind</source>
        <translation>回到起点</translation>
    </message>
    <message>
        <source>Back to step 0 with the same weights  (R)</source>
        <translation>用相同的权重回到第 0 步  (R)</translation>
    </message>
    <message>
        <source>New seed</source>
        <translation>新随机种子</translation>
    </message>
    <message>
        <source>Back to step 0 with other weights  (N)</source>
        <translation>换一组权重，回到第 0 步  (N)</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Largest number of steps in a second</source>
        <translation>每秒最多训练的步数</translation>
    </message>
    <message>
        <source>Full speed</source>
        <translation>全速</translation>
    </message>
    <message>
        <source>{0} steps/s</source>
        <translation>{0} 步/秒</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Train, or pause  (space bar)</source>
        <translation>训练或暂停  (空格键)</translation>
    </message>
    <message>
        <source>{0} = {1}: {2}</source>
        <translation>{0} = {1}：{2}</translation>
    </message>
</context>
<context>
    <name>Tour</name>
    <message>
        <source>A network in training: each row is a layer, each column a step, the colour is the size of the gradient. Where it darkens towards the input, the gradient vanishes.</source>
        <translation>网络的训练过程：每一行是一层，每一列是一步，颜色表示梯度的大小。如果越靠近输入颜色越暗，就是梯度消失。</translation>
    </message>
    <message>
        <source>Here it says in words what is wrong, and offers the cure.</source>
        <translation>这里用文字说明出了什么问题，并给出解决办法。</translation>
    </message>
    <message>
        <source>One click shows another experiment: here the same depth, in good health.</source>
        <translation>点一下就换一个实验：同样的深度，但梯度稳定。</translation>
    </message>
    <message>
        <source>Change one thing and watch: depth, activation, initialiser. Rewind returns to the same weights, New seed draws others.</source>
        <translation>改动一处，看看会怎样：深度、激活函数、参数初始化。“回到起点”保留同样的权重，“新随机种子”换一组权重。</translation>
    </message>
    <message>
        <source>All else is here: recordings, pictures, views, languages. H shows all keys.</source>
        <translation>其余都在这里：记录、图片、视图、语言。按 H 显示全部按键。</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一个</translation>
    </message>
</context>
<context>
    <name>Track</name>
    <message>
        <source>step {0}: {1}</source>
        <translation>第 {0} 步：{1}</translation>
    </message>
    <message>
        <source>step {0}: end of epoch {1}</source>
        <translation>第 {0} 步：第 {1} 个迭代周期结束</translation>
    </message>
</context>
<context>
    <name>Undoing</name>
    <message>
        <source>There is nothing to undo.</source>
        <translation>没有可以撤销的更改。</translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation>没有可以重做的更改。</translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <source>The engine stopped</source>
        <translation>引擎已停止</translation>
    </message>
    <message>
        <source>An experiment can be chosen already.</source>
        <translation>现在就可以选择实验。</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Press Run, or the space bar, to train.</source>
        <translation>点击“运行”或按空格键开始训练。</translation>
    </message>
    <message>
        <source>step {0}</source>
        <translation>第 {0} 步</translation>
    </message>
    <message>
        <source>Diverged</source>
        <translation>发散</translation>
    </message>
    <message>
        <source>No gradient</source>
        <translation>没有梯度</translation>
    </message>
    <message>
        <source>A slope needs at least two hidden layers.</source>
        <translation>至少需要两个隐藏层才能判断变化趋势。</translation>
    </message>
    <message>
        <source>Too shallow to tell</source>
        <translation>网络太浅，无法判断</translation>
    </message>
    <message>
        <source>Vanishing</source>
        <translation>梯度消失</translation>
    </message>
    <message>
        <source>Weakly vanishing</source>
        <translation>轻微的梯度消失</translation>
    </message>
    <message>
        <source>Healthy</source>
        <translation>梯度稳定</translation>
    </message>
    <message>
        <source>Weakly exploding</source>
        <translation>轻微的梯度爆炸</translation>
    </message>
    <message>
        <source>Exploding</source>
        <translation>梯度爆炸</translation>
    </message>
    <message>
        <source>from layer {0} back to layer 1</source>
        <translation>从第 {0} 层反向传播到第 1 层</translation>
    </message>
    <message>
        <source>×{0} per layer</source>
        <translation>每层 ×{0}</translation>
    </message>
    <message>
        <source>{0}, typically ×{1}</source>
        <translation>{0}，典型值 ×{1}</translation>
    </message>
    <message>
        <source>median of steps {0} to {1}</source>
        <translation>第 {0} 至 {1} 步的中位数</translation>
    </message>
    <message>
        <source>no slope</source>
        <translation>没有斜率</translation>
    </message>
    <message>
        <source>step {0} alone: {1}</source>
        <translation>仅第 {0} 步：{1}</translation>
    </message>
    <message>
        <source>theory at initialisation, approximate: ×{0}</source>
        <translation>初始化时的近似理论：×{0}</translation>
    </message>
    <message>
        <source>theory at initialisation: ×{0}</source>
        <translation>初始化时的理论值：×{0}</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>Run {0}: {1}</source>
        <translation>运行 {0}：{1}</translation>
    </message>
    <message>
        <source>exactly zero in {0} of {1} layers</source>
        <translation>{1} 层中有 {0} 层恰好为零</translation>
    </message>
    <message>
        <source>The gradient is exactly zero in {0} of {1} layers</source>
        <translation>{1} 层中有 {0} 层的梯度恰好为零</translation>
    </message>
    <message>
        <source>{0} decades lost</source>
        <translation>缩小 {0} 个数量级</translation>
    </message>
    <message>
        <source>{0} decades gained</source>
        <translation>增大 {0} 个数量级</translation>
    </message>
    <message>
        <source>the activations h</source>
        <translation>激活值 h</translation>
    </message>
    <message>
        <source>the loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>the gradient ∂L/∂h</source>
        <translation>梯度 ∂L/∂h</translation>
    </message>
    <message>
        <source>the gradient ∂L/∂W</source>
        <translation>梯度 ∂L/∂W</translation>
    </message>
    <message>
        <source>the weights W</source>
        <translation>权重 W</translation>
    </message>
    <message>
        <source>At step {0}, {1} became the first value that is not finite.</source>
        <translation>在第 {0} 步，{1}最先不再是有限值。</translation>
    </message>
    <message>
        <source>the output layer</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>layer {0}</source>
        <translation>第 {0} 层</translation>
    </message>
    <message>
        <source>At step {0}, {1} of {2} became the first that are not finite.</source>
        <translation>在第 {0} 步，{2}的{1}最先不再是有限值。</translation>
    </message>
</context>
<context>
    <name>VerdictBanner</name>
    <message>
        <source>Details …</source>
        <translation>详情…</translation>
    </message>
</context>
<context>
    <name>Views</name>
    <message>
        <source>Gradient at the activations</source>
        <translation>对激活值的梯度</translation>
    </message>
    <message>
        <source>Gradient at the weights</source>
        <translation>对权重的梯度</translation>
    </message>
    <message>
        <source>Every layer now</source>
        <translation>各层现状</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>One layer closely</source>
        <translation>细看一层</translation>
    </message>
    <message>
        <source>Order and chaos</source>
        <translation>有序与混沌</translation>
    </message>
    <message>
        <source>What the network answers</source>
        <translation>网络的回答</translation>
    </message>
</context>
<context>
    <name>_Bar</name>
    <message>
        <source>zero</source>
        <translation>零</translation>
    </message>
    <message>
        <source>most</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>least</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>subnormal</source>
        <translation>次正规</translation>
    </message>
</context>
<context>
    <name>_ConfusionTable</name>
    <message>
        <source>Each row is a true class, each column an answer. A network that cannot learn gives everything the same answer: one column.</source>
        <translation>每一行是真实类别，每一列是网络的回答。学不动的网络对一切都给出同一个回答：只有一列。</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>true class</source>
        <translation>真实类别</translation>
    </message>
</context>
<context>
    <name>engine</name>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>优化算法</translation>
    </message>
    <message>
        <source>Stabilisers</source>
        <translation>稳定训练</translation>
    </message>
    <message>
        <source>Precision and device</source>
        <translation>数值格式与设备</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>深度</translation>
    </message>
    <message>
        <source>Number of hidden layers. The gradient that reaches the first layer is a product of as many factors.</source>
        <translation>隐藏层的数量。到达第一层的梯度是同样多个因子的乘积。</translation>
    </message>
    <message>
        <source>hidden layers</source>
        <translation>隐藏层</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽度</translation>
    </message>
    <message>
        <source>units</source>
        <translation>单元</translation>
    </message>
    <message>
        <source>Activation</source>
        <translation>激活函数</translation>
    </message>
    <message>
        <source>The function φ applied to every unit; its derivative is a factor of every gradient.</source>
        <translation>作用于每个单元的函数 φ；它的导数是每个梯度中的一个因子。</translation>
    </message>
    <message>
        <source>identity</source>
        <translation>恒等</translation>
    </message>
    <message>
        <source>sigmoid</source>
        <translation>sigmoid</translation>
    </message>
    <message>
        <source>scaled_sigmoid</source>
        <translation>缩放的 sigmoid</translation>
    </message>
    <message>
        <source>tanh</source>
        <translation>tanh</translation>
    </message>
    <message>
        <source>hardtanh</source>
        <translation>hardtanh</translation>
    </message>
    <message>
        <source>relu</source>
        <translation>ReLU</translation>
    </message>
    <message>
        <source>leaky_relu</source>
        <translation>leaky ReLU</translation>
    </message>
    <message>
        <source>elu</source>
        <translation>ELU</translation>
    </message>
    <message>
        <source>selu</source>
        <translation>SELU</translation>
    </message>
    <message>
        <source>gelu</source>
        <translation>GELU</translation>
    </message>
    <message>
        <source>silu</source>
        <translation>SiLU</translation>
    </message>
    <message>
        <source>mish</source>
        <translation>Mish</translation>
    </message>
    <message>
        <source>softplus</source>
        <translation>softplus</translation>
    </message>
    <message>
        <source>softsign</source>
        <translation>softsign</translation>
    </message>
    <message>
        <source>Initialiser</source>
        <translation>参数初始化</translation>
    </message>
    <message>
        <source>zeros</source>
        <translation>全零</translation>
    </message>
    <message>
        <source>constant</source>
        <translation>常数</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>正态分布</translation>
    </message>
    <message>
        <source>uniform</source>
        <translation>均匀分布</translation>
    </message>
    <message>
        <source>xavier_normal</source>
        <translation>Xavier 正态</translation>
    </message>
    <message>
        <source>xavier_uniform</source>
        <translation>Xavier 均匀</translation>
    </message>
    <message>
        <source>kaiming_normal</source>
        <translation>He 正态</translation>
    </message>
    <message>
        <source>kaiming_uniform</source>
        <translation>He 均匀</translation>
    </message>
    <message>
        <source>lecun_normal</source>
        <translation>LeCun 正态</translation>
    </message>
    <message>
        <source>orthogonal</source>
        <translation>正交</translation>
    </message>
    <message>
        <source>torch_default</source>
        <translation>PyTorch 默认</translation>
    </message>
    <message>
        <source>lsuv</source>
        <translation>LSUV</translation>
    </message>
    <message>
        <source>Standard deviation σ</source>
        <translation>标准差 σ</translation>
    </message>
    <message>
        <source>The σ of N(0, σ²) for the initialiser `normal`: the standard deviation, not the variance.</source>
        <translation>正态分布初始化 N(0, σ²) 中的 σ：是标准差，不是方差。</translation>
    </message>
    <message>
        <source>Constant</source>
        <translation>常数</translation>
    </message>
    <message>
        <source>Every weight starts at this value for the initialiser `constant`.</source>
        <translation>常数初始化时每个权重的初始值。</translation>
    </message>
    <message>
        <source>Gain</source>
        <translation>增益</translation>
    </message>
    <message>
        <source>Bias σ</source>
        <translation>偏置的 σ</translation>
    </message>
    <message>
        <source>Standard deviation of the initial biases; 0 leaves them as the initialiser sets them (zero, except for torch_default).</source>
        <translation>初始偏置的标准差；0 表示采用初始化方法自身的设定（除 PyTorch 默认外均为零）。</translation>
    </message>
    <message>
        <source>Normalisation</source>
        <translation>规范化</translation>
    </message>
    <message>
        <source>Normalises the pre-activations of every hidden layer: over the batch, over the layer, or by their root mean square alone.</source>
        <translation>对每个隐藏层预激活值做规范化：按小批量、按层，或只除以均方根。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>batch</source>
        <translation>批量规范化</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层规范化</translation>
    </message>
    <message>
        <source>rms</source>
        <translation>RMS 规范化</translation>
    </message>
    <message>
        <source>Skip connection</source>
        <translation>跨层连接</translation>
    </message>
    <message>
        <source>Units in each hidden layer: one number for all of them, or one for each with commas between, as in 512,64,512. Such a list sets the depth.</source>
        <translation>每个隐藏层的单元数：可以是所有层共用的一个数，也可以用逗号隔开逐层给出，例如 512,64,512；逐层给出时深度由它决定。</translation>
    </message>
    <message>
        <source>How the weights are drawn before the first step. He&apos;s scheme is called kaiming in PyTorch, and in share strings.</source>
        <translation>第一步之前如何抽取权重。He 的方案在 PyTorch 和分享字符串里叫作 kaiming。</translation>
    </message>
    <message>
        <source>Turns multiplication into addition: residual adds a layer&apos;s input to its output, highway lets a learned gate choose between the two. A layer whose input has another width than its output has none.</source>
        <translation>把乘法变成加法：残差连接把层的输入加到输出上，高速公路连接用学习得到的门在两者之间选择。输入与输出宽度不同的层没有跨层连接。</translation>
    </message>
    <message>
        <source>residual</source>
        <translation>残差</translation>
    </message>
    <message>
        <source>highway</source>
        <translation>高速公路</translation>
    </message>
    <message>
        <source>Dropout</source>
        <translation>暂退法</translation>
    </message>
    <message>
        <source>Probability with which a unit is set to zero in a training step.</source>
        <translation>训练时每个单元被置零的概率。</translation>
    </message>
    <message>
        <source>Gradient clipping</source>
        <translation>梯度裁剪</translation>
    </message>
    <message>
        <source>Limits the gradient before the update: its norm over all parameters, or each entry.</source>
        <translation>在更新之前限制梯度：限制全部参数的范数，或限制每个分量。</translation>
    </message>
    <message>
        <source>norm</source>
        <translation>按范数</translation>
    </message>
    <message>
        <source>value</source>
        <translation>按分量</translation>
    </message>
    <message>
        <source>Clipping threshold</source>
        <translation>裁剪阈值</translation>
    </message>
    <message>
        <source>The largest norm, or the largest entry, that clipping lets through.</source>
        <translation>裁剪后允许的最大范数或最大分量。</translation>
    </message>
    <message>
        <source>What the network learns: a built-in set, or a file of your own.</source>
        <translation>网络学习的内容：内置数据集，或您自己的文件。</translation>
    </message>
    <message>
        <source>digits</source>
        <translation>手写数字</translation>
    </message>
    <message>
        <source>blobs</source>
        <translation>点团</translation>
    </message>
    <message>
        <source>spirals</source>
        <translation>螺旋线</translation>
    </message>
    <message>
        <source>moons</source>
        <translation>双月</translation>
    </message>
    <message>
        <source>circles</source>
        <translation>同心圆</translation>
    </message>
    <message>
        <source>xor</source>
        <translation>异或</translation>
    </message>
    <message>
        <source>square</source>
        <translation>平方 x²</translation>
    </message>
    <message>
        <source>cube</source>
        <translation>立方 x³</translation>
    </message>
    <message>
        <source>sine</source>
        <translation>正弦</translation>
    </message>
    <message>
        <source>gaussian</source>
        <translation>高斯噪声</translation>
    </message>
    <message>
        <source>a path to a file ending in .npz, .csv, ubyte or .gz</source>
        <translation>以 .npz、.csv、ubyte 或 .gz 结尾的文件路径</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批量大小</translation>
    </message>
    <message>
        <source>Samples in one step.</source>
        <translation>每一步使用的样本数。</translation>
    </message>
    <message>
        <source>samples</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>The rule that turns gradients into updates.</source>
        <translation>由梯度得到参数更新的规则。</translation>
    </message>
    <message>
        <source>sgd</source>
        <translation>SGD</translation>
    </message>
    <message>
        <source>momentum</source>
        <translation>动量法</translation>
    </message>
    <message>
        <source>nesterov</source>
        <translation>Nesterov</translation>
    </message>
    <message>
        <source>rmsprop</source>
        <translation>RMSProp</translation>
    </message>
    <message>
        <source>adam</source>
        <translation>Adam</translation>
    </message>
    <message>
        <source>adamw</source>
        <translation>AdamW</translation>
    </message>
    <message>
        <source>lars</source>
        <translation>LARS</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>The size of a step. It may be changed while the run goes on.</source>
        <translation>每一步的大小。训练过程中可以更改。</translation>
    </message>
    <message>
        <source>Momentum</source>
        <translation>动量</translation>
    </message>
    <message>
        <source>The share of the last update that is made again.</source>
        <translation>上一次更新中被保留的比例。</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>权重衰减</translation>
    </message>
    <message>
        <source>Pulls every parameter towards zero.</source>
        <translation>把每个参数向零拉近。</translation>
    </message>
    <message>
        <source>Number format</source>
        <translation>数值格式</translation>
    </message>
    <message>
        <source>The format that weights, activations and gradients are stored in; mixed_float16 keeps float32 master weights.</source>
        <translation>存储权重、激活值和梯度的格式；混合 float16 保留 float32 的主权重。</translation>
    </message>
    <message>
        <source>float64</source>
        <translation>float64</translation>
    </message>
    <message>
        <source>float32</source>
        <translation>float32</translation>
    </message>
    <message>
        <source>bfloat16</source>
        <translation>bfloat16</translation>
    </message>
    <message>
        <source>float16</source>
        <translation>float16</translation>
    </message>
    <message>
        <source>mixed_float16</source>
        <translation>混合 float16</translation>
    </message>
    <message>
        <source>Loss scale</source>
        <translation>损失缩放</translation>
    </message>
    <message>
        <source>The loss is multiplied by this before the backward pass and the gradient divided by it after, so that small gradients survive in a narrow format; dynamic adapts it.</source>
        <translation>反向传播之前损失乘以它，之后梯度再除以它，使小梯度在较窄的格式中得以保留；“动态”会自动调整。</translation>
    </message>
    <message>
        <source>dynamic</source>
        <translation>动态</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Where the network is trained; auto takes a CUDA device if there is one.</source>
        <translation>在哪里训练；auto 在有 CUDA 设备时使用它。</translation>
    </message>
    <message>
        <source>auto, cpu, cuda or cuda:N</source>
        <translation> auto、cpu、cuda 或 cuda:N</translation>
    </message>
    <message>
        <source>CPU threads</source>
        <translation>CPU 线程</translation>
    </message>
    <message>
        <source>Threads that compute; 0 leaves one core to the window.</source>
        <translation>用于计算的线程数；0 表示给窗口留一个核。</translation>
    </message>
    <message>
        <source>threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Decides weights, data, batches and dropout. The same seed gives the same run.</source>
        <translation>决定权重、数据、小批量和暂退法。相同的随机种子得到相同的结果。</translation>
    </message>
    <message>
        <source>Stop after</source>
        <translation>步数上限</translation>
    </message>
    <message>
        <source>Stop after this many steps; 0: never.</source>
        <translation>训练这么多步后停止；0 表示不停止。</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Stop at loss</source>
        <translation>损失降到此值时停止</translation>
    </message>
    <message>
        <source>Stop when the loss of a batch is as small as this; 0: never.</source>
        <translation>当一个小批量的损失不大于此值时停止；0：永不停止。</translation>
    </message>
    <message>
        <source>Stop at the first Inf or NaN</source>
        <translation>遇到 Inf 或 NaN 停止</translation>
    </message>
    <message>
        <source>Stop when a value leaves the number format&apos;s range, so that the moment can be seen.</source>
        <translation>当某个值超出数值格式的范围时停止，以便看清那一刻。</translation>
    </message>
    <message>
        <source>loading the engine</source>
        <translation>正在加载引擎</translation>
    </message>
    <message>
        <source>building the network</source>
        <translation>正在构建网络</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>running</source>
        <translation>正在训练</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>出错</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>the number of steps asked for has been made</source>
        <translation>已完成要求的步数</translation>
    </message>
    <message>
        <source>a value is no longer finite</source>
        <translation>出现了非有限值</translation>
    </message>
    <message>
        <source>the loss is as small as was asked for</source>
        <translation>损失已降到所要求的值</translation>
    </message>
    <message>
        <source>There is not enough memory: lower depth, width or batch size.</source>
        <translation>内存不足：请减小深度、宽度或批量大小。</translation>
    </message>
    <message>
        <source>The graphics card has failed: take the processor as device, or start the program again.</source>
        <translation>显卡出现故障：请改用处理器作为设备，或重新启动程序。</translation>
    </message>
    <message>
        <source>a name that is given twice</source>
        <translation>同一个名称给出了两次</translation>
    </message>
    <message>
        <source>a text that does not end</source>
        <translation>文本没有结束</translation>
    </message>
    <message>
        <source>a list or a table that does not end</source>
        <translation>列表或表没有结束</translation>
    </message>
    <message>
        <source>a sign that must not stand here</source>
        <translation>此处不允许出现这个字符</translation>
    </message>
    <message>
        <source>more than one thing in a line</source>
        <translation>一行中多于一项</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>没有值</translation>
    </message>
    <message>
        <source>neither a name nor a table</source>
        <translation>既不是名称也不是表</translation>
    </message>
    <message>
        <source>must be TOML in UTF-8 (line {0}, column {1}: {2})</source>
        <translation>必须是 UTF-8 编码的 TOML（第 {0} 行第 {1} 列：{2}）</translation>
    </message>
    <message>
        <source>must be TOML in UTF-8</source>
        <translation>必须是 UTF-8 编码的 TOML</translation>
    </message>
    <message>
        <source>must be TOML in UTF-8 (at its end: {0})</source>
        <translation>必须是 UTF-8 编码的 TOML（结尾处：{0}）</translation>
    </message>
    <message>
        <source>first value that is not finite</source>
        <translation>首个非有限值</translation>
    </message>
    <message>
        <source>the weights are not independent random draws</source>
        <translation>权重不是独立的随机抽样</translation>
    </message>
    <message>
        <source>the weights are scaled to the first batch, which the theory replaces by an average</source>
        <translation>权重按第一个小批量缩放，理论以平均值代替</translation>
    </message>
    <message>
        <source>the gates of a highway have no simple theory</source>
        <translation>高速公路连接的门没有简单的理论</translation>
    </message>
    <message>
        <source>dropout and batch normalisation together have no simple theory</source>
        <translation>暂退法与批量规范化同用时没有简单的理论</translation>
    </message>
    <message>
        <source>batch normalisation over fewer than four samples has no average</source>
        <translation>少于四个样本的批量规范化没有平均值</translation>
    </message>
    <message>
        <source>the average over the batch assumes many samples, and fewer than units</source>
        <translation>对小批量取平均要求样本很多，且少于单元数</translation>
    </message>
    <message>
        <source>batch normalisation of this activation tends to no symmetric state</source>
        <translation>这种激活函数的批量规范化不趋于对称状态</translation>
    </message>
    <message>
        <source>fewer than 16 units in a layer</source>
        <translation>某一层少于 16 个单元</translation>
    </message>
    <message>
        <source>most units are saturated, so that few carry the gradient</source>
        <translation>多数单元已饱和，只有少数单元传递梯度</translation>
    </message>
    <message>
        <source>chance at this width moves the size of the activations, and the slope with it</source>
        <translation>在此宽度下，随机性会改变激活值的大小，斜率也随之改变</translation>
    </message>
    <message>
        <source>one direction, along the activations, shrinks more slowly than the average</source>
        <translation>沿激活值的一个方向比平均收缩得慢</translation>
    </message>
    <message>
        <source>normalisation sets the size of the pre-activations, whatever the weights are</source>
        <translation>规范化决定了预激活值的大小，与权重无关</translation>
    </message>
    <message>
        <source>with skip connections the gradient has a way around the weights</source>
        <translation>有跨层连接时，梯度可以绕过权重</translation>
    </message>
    <message>
        <source>dropout keeps any two samples apart, so that there is no edge of chaos</source>
        <translation>暂退法使任意两个样本保持不同，因此没有混沌边缘</translation>
    </message>
    <message>
        <source>it takes at least two hidden layers</source>
        <translation>至少需要两个隐藏层</translation>
    </message>
    <message>
        <source>symmetric</source>
        <translation>对称</translation>
    </message>
    <message>
        <source>dead network</source>
        <translation>网络死亡</translation>
    </message>
    <message>
        <source>vanishing</source>
        <translation>梯度消失</translation>
    </message>
    <message>
        <source>underflow</source>
        <translation>下溢</translation>
    </message>
    <message>
        <source>overflow</source>
        <translation>上溢</translation>
    </message>
    <message>
        <source>uniform stall</source>
        <translation>整体停滞</translation>
    </message>
    <message>
        <source>dead units</source>
        <translation>死亡单元</translation>
    </message>
    <message>
        <source>saturated</source>
        <translation>饱和</translation>
    </message>
    <message>
        <source>weakly vanishing</source>
        <translation>轻微的梯度消失</translation>
    </message>
    <message>
        <source>cliff</source>
        <translation>断崖</translation>
    </message>
    <message>
        <source>large updates</source>
        <translation>更新过大</translation>
    </message>
    <message>
        <source>not learning</source>
        <translation>没有在学习</translation>
    </message>
    <message>
        <source>small updates</source>
        <translation>更新过小</translation>
    </message>
    <message>
        <source>loss {0}</source>
        <translation>损失 {0}</translation>
    </message>
    <message>
        <source>The loss has risen to {0}; it began at {1}.</source>
        <translation>损失升到了 {0}，开始时为 {1}。</translation>
    </message>
    <message>
        <source>In the {0} finite steps before, {4} grew from {1} to {2}: ×{3} per step.</source>
        <translation>在此前 {0} 个有限的步中，{4}从 {1} 增大到 {2}：每步 ×{3}。</translation>
    </message>
    <message>
        <source>In that step {4} grew ×{3} per layer, from {0} to {1} through {2} layers.</source>
        <translation>在这一步里，{4}每层增大 ×{3}，经过 {2} 层从 {0} 增大到 {1}。</translation>
    </message>
    <message>
        <source>the root mean square of h in {0}</source>
        <translation>{0}的 h 的均方根</translation>
    </message>
    <message>
        <source>the loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>the norm of ∂L/∂h in {0}</source>
        <translation>{0}的 ∂L/∂h 的范数</translation>
    </message>
    <message>
        <source>the norm of ∂L/∂W in {0}</source>
        <translation>{0}的 ∂L/∂W 的范数</translation>
    </message>
    <message>
        <source>the norm of W in {0}</source>
        <translation>{0}的 W 的范数</translation>
    </message>
    <message>
        <source>the root mean square of h</source>
        <translation>h 的均方根</translation>
    </message>
    <message>
        <source>the norm of ∂L/∂h</source>
        <translation>∂L/∂h 的范数</translation>
    </message>
    <message>
        <source>the norm of ∂L/∂W</source>
        <translation>∂L/∂W 的范数</translation>
    </message>
    <message>
        <source>the norm of W</source>
        <translation>W 的范数</translation>
    </message>
    <message>
        <source>all units of {0} are alike</source>
        <translation>{0}的所有单元都相同</translation>
    </message>
    <message>
        <source>In {0} all {1} units have the same weights and stay alike for ever: the layer is worth one unit. That holds for {2} layers.</source>
        <translation>{0}的 {1} 个单元权重完全相同，而且永远相同：这一层只相当于一个单元。有 {2} 层如此。</translation>
    </message>
    <message>
        <source>{0} is silent</source>
        <translation>{0}没有任何激活</translation>
    </message>
    <message>
        <source>No unit of {0} is active for any sample: nothing passes through it, forward or back.</source>
        <translation>{0}没有任何单元被任何样本激活：前向和反向都无法通过。</translation>
    </message>
    <message>
        <source>{0} decades lost</source>
        <translation>缩小 {0} 个数量级</translation>
    </message>
    <message>
        <source>{0} decades gained</source>
        <translation>增大 {0} 个数量级</translation>
    </message>
    <message>
        <source>{0} of the entries of ∂L/∂W in {1} are rounded to zero: they are too small for float16. {2} layers lose entries.</source>
        <translation>{1}的 ∂L/∂W 有 {0} 的分量被舍入为零：它们对 float16 来说太小。有 {2} 层丢失了分量。</translation>
    </message>
    <message>
        <source>nothing at all reaches layer 1</source>
        <translation>没有任何梯度到达第 1 层</translation>
    </message>
    <message>
        <source>The gradient ends at {0}: it is exactly zero in {1} of {2} layers, and nothing at all reaches the first.</source>
        <translation>梯度止于{0}：{2} 层中有 {1} 层恰好为零，没有任何梯度到达第一层。</translation>
    </message>
    <message>
        <source>from {0} down</source>
        <translation>从{0}往前</translation>
    </message>
    <message>
        <source>From {0} down the gradient is smaller than float32 can hold with its digits, in {1} layers.</source>
        <translation>从{0}往下，有 {1} 层的梯度小到 float32 已无法保持其有效位数。</translation>
    </message>
    <message>
        <source>loss scale {0}</source>
        <translation>损失缩放 {0}</translation>
    </message>
    <message>
        <source>The scaled gradient has left the range of float16; the loss scale has backed off to {0}.</source>
        <translation>放大后的梯度超出了 float16 的范围；损失缩放已退到 {0}。</translation>
    </message>
    <message>
        <source>Going forward, the mean square of the activations grows ×{0} from the first hidden layer to the last.</source>
        <translation>前向传播中，激活值的均方从第一个隐藏层到最后一个增大为 {0} 倍。</translation>
    </message>
    <message>
        <source>gradient norm {0}</source>
        <translation>梯度范数 {0}</translation>
    </message>
    <message>
        <source>The norm of the whole gradient is {0}.</source>
        <translation>整个梯度的范数为 {0}。</translation>
    </message>
    <message>
        <source>∂L/∂W of {1} is {0}</source>
        <translation>{1}的 ∂L/∂W 为 {0}</translation>
    </message>
    <message>
        <source>{1} stands still</source>
        <translation>{1}停滞</translation>
    </message>
    <message>
        <source>A step changes {1} by {0} of its weights, and another layer by {2}.</source>
        <translation>一步使{1}的权重改变 {0}，而另一层改变 {2}（相对于权重）。</translation>
    </message>
    <message>
        <source>updates of {0}</source>
        <translation>更新量 {0}</translation>
    </message>
    <message>
        <source>No layer changes by more than {0} of its weights in a step: the network stands still.</source>
        <translation>每一步中没有一层的权重改变超过 {0}（相对值）：网络停滞不前。</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{1}，{0}</translation>
    </message>
    <message>
        <source>No layer changes by more than {0} of its weights in a step: the network stands still, since clipping leaves {1} of the gradient.</source>
        <translation>一步之中没有一层的权重改变超过 {0}：网络停滞不前，因为裁剪之后梯度只剩下 {1}。</translation>
    </message>
    <message>
        <source>A single step changes {1} by {0} of its weights: whatever the gradient does over the layers, the learning rate is too high for it.</source>
        <translation>一步就使{1}的权重改变 {0}：无论梯度逐层如何变化，学习率都过高了。</translation>
    </message>
    <message>
        <source>∂L/∂h of {1} is {0}</source>
        <translation>{1}的 ∂L/∂h 为 {0}</translation>
    </message>
    <message>
        <source>For one sample, ∂L/∂h in {1} is only {0} in size.</source>
        <translation>对单个样本，{1}的 ∂L/∂h 大小只有 {0}。</translation>
    </message>
    <message>
        <source>For one sample, ∂L/∂h in {1} is {0} in size.</source>
        <translation>对单个样本，{1}的 ∂L/∂h 大小达到 {0}。</translation>
    </message>
    <message>
        <source>{1} reaches {0}</source>
        <translation>{1}达到 {0}</translation>
    </message>
    <message>
        <source>The largest entries in {1} are about {0}; float16 ends at 65504.</source>
        <translation>{1}的最大分量约为 {0}；float16 的上限是 65504。</translation>
    </message>
    <message>
        <source>{0} of the units of {1} were not activated by any sample of the last window: {2} more than were inactive at the start.</source>
        <translation>在上一个窗口中，{1}有 {0} 的单元没有被任何样本激活：比开始时未激活的多 {2}。</translation>
    </message>
    <message>
        <source>{0} of the activations of {1} lie where φ is flat; so it is in {2} layers.</source>
        <translation>{1}有 {0} 的激活值落在 φ 的平坦处；有 {2} 层如此。</translation>
    </message>
    <message>
        <source>{0} decades at {1}</source>
        <translation>{1}处 {0} 个数量级</translation>
    </message>
    <message>
        <source>Between {1} and {2} the gradient jumps by {0} decades.</source>
        <translation>{1}与{2}之间，梯度突变 {0} 个数量级。</translation>
    </message>
    <message>
        <source>A step changes {1} by only {0} of its weights, since clipping leaves {2} of the gradient.</source>
        <translation>一步只使{1}的权重改变 {0}，因为裁剪之后梯度只剩下 {2}。</translation>
    </message>
    <message>
        <source>The line over the layers has a bend, the sharpest at {2}: by its slope {0} decades are lost, from end to end {1} (below zero: gained).</source>
        <translation>逐层的曲线有转折，最明显的在{2}：按斜率算缩小 {0} 个数量级，按首尾两层算缩小 {1} 个数量级（负数表示增大）。</translation>
    </message>
    <message>
        <source>inactive</source>
        <translation>不活跃</translation>
    </message>
    <message>
        <source>Usual learning rate</source>
        <translation>常用学习率</translation>
    </message>
    <message>
        <source>Learning rate ÷ 100</source>
        <translation>学习率 ÷ 100</translation>
    </message>
    <message>
        <source>Every update becomes a hundredth as long.</source>
        <translation>每次更新缩短为百分之一。</translation>
    </message>
    <message>
        <source>No dropout</source>
        <translation>不用暂退法</translation>
    </message>
    <message>
        <source>The noise of dropout adds up over the layers, until little is left of what tells one sample from another.</source>
        <translation>暂退法的噪声逐层累积，直到区分样本的信息所剩无几。</translation>
    </message>
    <message>
        <source>Mixed float16</source>
        <translation>混合精度 float16</translation>
    </message>
    <message>
        <source>Weights, and what the optimiser remembers of gradients, stay in float32.</source>
        <translation>权重和优化算法记住的梯度信息都保留为 float32。</translation>
    </message>
    <message>
        <source>It was so in the first step, before any update: the weights were drawn such that every layer multiplies what passes through it.</source>
        <translation>第一步就是如此，还没有任何更新：权重初始化使每一层都把通过它的量成倍放大或缩小。</translation>
    </message>
    <message>
        <source>It came in a jump: everything was finite at first, but the gradient was far too large from the first step on, and with it the updates.</source>
        <translation>这是一次突变：起初一切都是有限的，但从第一步起梯度就过大，更新也随之过大。</translation>
    </message>
    <message>
        <source>The learning rate was raised from {0} to {1} after step {2}, so that the same gradient makes an update ×{3} as long; up to then everything was finite.</source>
        <translation>第 {2} 步之后学习率从 {0} 调高到 {1}，同样的梯度所产生的更新变为原来的 {3} 倍；在此之前一切都是有限值。</translation>
    </message>
    <message>
        <source>The number format rounds to zero what the update is divided by, the mean of g² and the 1e-8 beside it alike (so it does in torch.optim): a division by zero.</source>
        <translation>数值格式把更新公式的分母舍入成了零：g² 的均值和旁边的 1e-8 都是如此（torch.optim 里也一样），于是除以了零。</translation>
    </message>
    <message>
        <source>Kept is step {0}, the last in which everything was finite: its loss was {1}, the norm of its whole gradient {2}, and its longest update {3} of the weights.</source>
        <translation>保留了第 {0} 步，即所有值都有限的最后一步：损失为 {1}，整个梯度的范数为 {2}，最大的更新为权重的 {3}。</translation>
    </message>
    <message>
        <source>The first layer receives {0} of the last: {1} decades from end to end, {2} by the slope.</source>
        <translation>第一层得到的是最后一层的 {0}：按首尾两层算 {1} 个数量级，按斜率算 {2} 个。</translation>
    </message>
    <message>
        <source>Try “{0}”: ×{1}.</source>
        <translation>试试“{0}”：×{1}。</translation>
    </message>
    <message>
        <source>Try “{0}”.</source>
        <translation>试试“{0}”。</translation>
    </message>
    <message>
        <source>Near its limit a verdict comes or goes after so many readings in a row that agree.</source>
        <translation>在阈值附近，连续这么多次读数一致后，诊断才出现或撤销。</translation>
    </message>
    <message>
        <source>… only within</source>
        <translation>……仅当偏离不超过</translation>
    </message>
    <message>
        <source>share of the limit</source>
        <translation>阈值的比例</translation>
    </message>
    <message>
        <source>What is farther beyond a limit than this changes the verdict at once.</source>
        <translation>超出阈值更多时，诊断立即改变。</translation>
    </message>
    <message>
        <source>… over the last</source>
        <translation>……取最近</translation>
    </message>
    <message>
        <source>convention: some tens of batches make a median</source>
        <translation>约定：几十个小批量足以取中位数</translation>
    </message>
    <message>
        <source>How many steps the running median is taken of, and for how many a spike is told of.</source>
        <translation>滑动中位数取自这么多步，出现尖峰后也在这么多步内报告。</translation>
    </message>
    <message>
        <source>An update from which the learning rate counts as too high, whatever the gradient does.</source>
        <translation>更新达到权重的这一比例，无论梯度如何，学习率都算过高。</translation>
    </message>
    <message>
        <source>Bent line</source>
        <translation>折线</translation>
    </message>
    <message>
        <source>convention: as many as make a weak verdict</source>
        <translation>约定：与轻微诊断的阈值相同</translation>
    </message>
    <message>
        <source>By so much the decades by the slope and those from end to end differ where a bend of the line over the layers is named.</source>
        <translation>按斜率算的数量级与首尾两层之间的数量级相差这么多时，就指出曲线在哪一层转折。</translation>
    </message>
    <message>
        <source>Inactive: told from a batch of</source>
        <translation>未激活：小批量不小于</translation>
    </message>
    <message>
        <source>convention: in fewer samples a sound unit is often zero by chance</source>
        <translation>约定：样本更少时，正常的单元也常会偶然为零</translation>
    </message>
    <message>
        <source>Units that are zero for a whole batch are counted only where it has so many samples. They are no fault: in a deep ReLU network that is healthy, half of them may be.</source>
        <translation>只有小批量含有这么多样本时，才统计对整个小批量都为零的单元。这并非故障：在健康的深层 ReLU 网络中，可能有一半单元如此。</translation>
    </message>
    <message>
        <source>Share of units that no sample of the last window (at least 50 steps and 1000 samples) has activated. The rule says fewer than 1 %; here it is none at all, since only the largest activation of a unit is kept, not their number: to count them would read all of them once more in every step.</source>
        <translation>在上一个窗口（至少 50 步、1000 个样本）中没有被任何样本激活的单元的比例。规则说的是少于 1 %；这里要求一个也没有，因为每个单元只保留最大的激活值，而不计次数：要计数，每一步都得把全部激活值再读一遍。</translation>
    </message>
    <message>
        <source>A jump takes at most</source>
        <translation>突变至多历时</translation>
    </message>
    <message>
        <source>convention: an update, the gradient after it, and the next</source>
        <translation>约定：一次更新、其后的梯度，以及再下一次</translation>
    </message>
    <message>
        <source>When a run has ended: a rise of the gradient in so many steps or fewer is a jump, a slower one is laid to the learning rate.</source>
        <translation>训练终止时：梯度在这么多步之内的上升算作突变，更慢的上升归因于学习率。</translation>
    </message>
    <message>
        <source>Nothing has grown below</source>
        <translation>低于此值即无增长</translation>
    </message>
    <message>
        <source>IEEE 754: a hundredth of 65504, where float16 ends</source>
        <translation>IEEE 754：float16 上限 65504 的百分之一</translation>
    </message>
    <message>
        <source>When a run in float16 has ended: where all that is finite is smaller than this, the number format is to blame and not growth.</source>
        <translation>float16 训练终止时：如果所有有限的值都小于它，原因就在数值格式，而不是增长。</translation>
    </message>
    <message>
        <source>Loss far above guessing</source>
        <translation>损失远高于瞎猜</translation>
    </message>
    <message>
        <source>× that of guessing</source>
        <translation>× 瞎猜的损失</translation>
    </message>
    <message>
        <source>convention: weights that keep sizes begin below twice that of guessing</source>
        <translation>约定：能保持大小的权重，起初的损失不到瞎猜的两倍</translation>
    </message>
    <message>
        <source>A loss so many times that of giving every class the same probability comes from outputs that are far too large.</source>
        <translation>给每个类别相同的概率就是瞎猜；损失达到它的这么多倍，说明输出过大。</translation>
    </message>
    <message>
        <source>A largest entry above this is one unlucky batch away from Inf. It is estimated: see the next row. An entry that is not finite is found exactly, wherever it is.</source>
        <translation>最大分量超过此值，再来一个不走运的小批量就会变成 Inf。它是估计值：见下一行。而非有限的分量无论在哪里都能准确找到。</translation>
    </message>
    <message>
        <source>… largest entry</source>
        <translation>……最大分量</translation>
    </message>
    <message>
        <source>× root mean square</source>
        <translation>× 均方根</translation>
    </message>
    <message>
        <source>normal distribution: one entry of 16 000 lies beyond four standard deviations</source>
        <translation>正态分布：每 16 000 个分量中有一个超出四倍标准差</translation>
    </message>
    <message>
        <source>The largest entry is taken to be so many times the root mean square: to measure it would read every activation and gradient once more in every step.</source>
        <translation>把最大分量取为均方根的这么多倍：若要直接测量，每一步都得把所有激活值和梯度再读一遍。</translation>
    </message>
    <message>
        <source>Typical of the last</source>
        <translation>典型值取最近</translation>
    </message>
    <message>
        <source>measured: a batch differs from the next by some hundredths of a decade</source>
        <translation>实测：相邻小批量相差百分之几个数量级</translation>
    </message>
    <message>
        <source>Verdicts are on the median of so many steps. Fixed: the typical numbers that are shown beside a verdict are made with it too.</source>
        <translation>诊断依据这么多步的中位数。固定：诊断旁边显示的典型值也由它得出。</translation>
    </message>
    <message>
        <source>Dead: window of</source>
        <translation>死亡单元：窗口</translation>
    </message>
    <message>
        <source>SageMaker Debugger, rule DeadRelu, for many batches</source>
        <translation>SageMaker Debugger 的 DeadRelu 规则，跨多个小批量</translation>
    </message>
    <message>
        <source>A unit is dead that no sample of so many steps has activated. Fixed: it is counted while the network trains.</source>
        <translation>在这么多步中没有被任何样本激活的单元即为死亡。固定：它在训练过程中统计。</translation>
    </message>
    <message>
        <source>… and at least</source>
        <translation>……且至少</translation>
    </message>
    <message>
        <source>convention: one in a hundred, found by chance in every window</source>
        <translation>约定：百分之一的样本，在每个窗口中都足以出现</translation>
    </message>
    <message>
        <source>With small batches the window is longer, until it holds so many samples. Fixed: it is counted while the network trains.</source>
        <translation>小批量较小时窗口更长，直到含有这么多样本。固定：它在训练过程中统计。</translation>
    </message>
    <message>
        <source>Saturated: slope below</source>
        <translation>饱和：斜率低于</translation>
    </message>
    <message>
        <source>of the largest</source>
        <translation>最大斜率</translation>
    </message>
    <message>
        <source>Karpathy&apos;s lectures: |tanh| above 0.97</source>
        <translation>Karpathy 的课程：|tanh| 大于 0.97</translation>
    </message>
    <message>
        <source>An activation counts as saturated where the slope of φ is a smaller share of its largest. Fixed: it is counted while the network trains.</source>
        <translation>φ 的斜率与最大斜率之比更小时，该激活值算作饱和。固定：它在训练过程中统计。</translation>
    </message>
    <message>
        <source>Symmetric: alike to</source>
        <translation>对称：相差不超过</translation>
    </message>
    <message>
        <source>of the layer&apos;s largest</source>
        <translation>该层最大值</translation>
    </message>
    <message>
        <source>measured: as well as sums in float32 agree; the definition says 1e-6</source>
        <translation>实测：float32 求和所能达到的一致程度；定义为 1e-6</translation>
    </message>
    <message>
        <source>Two units count as one where their weights, biases and gradients differ by less. Fixed: it is counted while the network trains.</source>
        <translation>权重、偏置和梯度的差别更小的两个单元算作一个。固定：它在训练过程中统计。</translation>
    </message>
    <message>
        <source>A step changes {1} by only {0} of its weights.</source>
        <translation>一步只使{1}的权重改变 {0}（相对值）。</translation>
    </message>
    <message>
        <source>The weight gradient hides it: its slope is {0} decades per layer, that of ∂L/∂h {1}. The forward and the backward trend cancel in it.</source>
        <translation>从权重梯度看不出来：它每层变化 {0} 个数量级，而 ∂L/∂h 每层变化 {1}。前向与反向的趋势在其中相互抵消。</translation>
    </message>
    <message>
        <source>{0} of the entries of ∂L/∂W in {1} are subnormal and have lost digits; so it is in {2} layers.</source>
        <translation>{1}的 ∂L/∂W 有 {0} 的分量是次正规数，已丢失有效位数；有 {2} 层如此。</translation>
    </message>
    <message>
        <source>{0} of the units of {1} are zero for this whole batch, and some in {2} layers. In a deep ReLU network that is usual, and no fault.</source>
        <translation>{1}有 {0} 的单元在整个小批量上为零，共有 {2} 层出现这种单元。在深层 ReLU 网络中这很常见，并非故障。</translation>
    </message>
    <message>
        <source>Xavier initialisation</source>
        <translation>Xavier 初始化</translation>
    </message>
    <message>
        <source>Draws weights of variance 2/(n_in + n_out), which keeps sizes in both directions where φ is close to a straight line.</source>
        <translation>权重方差取 2/(n_in + n_out)，在 φ 接近直线时能同时保持两个方向上的大小。</translation>
    </message>
    <message>
        <source>He initialisation</source>
        <translation>He 初始化</translation>
    </message>
    <message>
        <source>Draws weights of variance 2/n: ReLU lets half of everything pass, and the 2 makes up for it.</source>
        <translation>权重方差取 2/n：ReLU 只让一半通过，因子 2 正好补偿。</translation>
    </message>
    <message>
        <source>Orthogonal initialisation</source>
        <translation>正交初始化</translation>
    </message>
    <message>
        <source>Every matrix is a rotation: nothing grows or shrinks in it.</source>
        <translation>每个矩阵都是旋转：既不放大也不缩小。</translation>
    </message>
    <message>
        <source>ReLU with He</source>
        <translation>ReLU 配 He 初始化</translation>
    </message>
    <message>
        <source>tanh with Xavier</source>
        <translation>tanh 配 Xavier 初始化</translation>
    </message>
    <message>
        <source>tanh has slope 1 at zero and activations of mean zero.</source>
        <translation>tanh 在零点的斜率为 1，激活值的均值为零。</translation>
    </message>
    <message>
        <source>Layer normalisation</source>
        <translation>层规范化</translation>
    </message>
    <message>
        <source>Brings the pre-activations of every layer back to one size, whatever the weights are.</source>
        <translation>无论权重如何，都把每一层的预激活值调整到同样的大小。</translation>
    </message>
    <message>
        <source>Batch normalisation</source>
        <translation>批量规范化</translation>
    </message>
    <message>
        <source>Multiplies the weights that the initialiser drew, those of highway gates too.</source>
        <translation>乘以初始化得到的权重，包括高速公路连接的门的权重。</translation>
    </message>
    <message>
        <source>must be another format for a script: mixed precision is another loop</source>
        <translation>导出脚本时须换一种格式：混合精度是另一种训练循环</translation>
    </message>
    <message>
        <source>must be at least 2 for a script: PyTorch normalises no batch of one sample</source>
        <translation>用于脚本时至少要为 2：PyTorch 不对只有一个样本的小批量做规范化</translation>
    </message>
    <message>
        <source>would take the place of the data set, {0}</source>
        <translation>会覆盖数据集 {0}</translation>
    </message>
    <message>
        <source>its data need the name {0}, which another file has</source>
        <translation>它的数据须名为 {0}，而已有别的文件叫这个名字</translation>
    </message>
    <message>
        <source>must be writable ({0})</source>
        <translation>必须可写（{0}）</translation>
    </message>
    <message>
        <source>must be a recording (the folder holds no run.npz)</source>
        <translation>必须是一份记录（文件夹里没有 run.npz）</translation>
    </message>
    <message>
        <source>must be a recording (no such file)</source>
        <translation>必须是一份记录（没有这个文件）</translation>
    </message>
    <message>
        <source>must be a recording ({0})</source>
        <translation>必须是一份记录（{0}）</translation>
    </message>
    <message>
        <source>must be a recording of this version ({0})</source>
        <translation>必须是本版本的记录（{0}）</translation>
    </message>
    <message>
        <source>must be a recording, run.npz, that is not damaged</source>
        <translation>必须是一份没有损坏的记录 run.npz</translation>
    </message>
    <message>
        <source>samples: {0}</source>
        <translation>样本：{0}</translation>
    </message>
    <message>
        <source>features: {0}</source>
        <translation>特征：{0}</translation>
    </message>
    <message>
        <source>classes: {0}</source>
        <translation>类别：{0}</translation>
    </message>
    <message>
        <source>regression, targets: {0}</source>
        <translation>回归，目标：{0}</translation>
    </message>
    <message>
        <source>the first row names the columns</source>
        <translation>首行为列名</translation>
    </message>
    <message>
        <source>the file would unpack to {0} MiB; at most {1} MiB are read</source>
        <translation>文件解压后有 {0} MiB；最多读取 {1} MiB</translation>
    </message>
    <message>
        <source>the file holds {0} in a format that is not read</source>
        <translation>文件中 {0} 的格式无法读取</translation>
    </message>
    <message>
        <source>the file holds Python objects in {0}, which are never opened</source>
        <translation>文件的 {0} 中有 Python 对象，这种对象一律不打开</translation>
    </message>
    <message>
        <source>the file says that {0} has {1}, and holds {2}</source>
        <translation>文件声称 {0} 有 {1}，实际只有 {2}</translation>
    </message>
    <message>
        <source>the file needs more memory than there is</source>
        <translation>文件需要的内存超过现有内存</translation>
    </message>
    <message>
        <source>the file holds {0} twice</source>
        <translation>文件中有两个 {0}</translation>
    </message>
    <message>
        <source>the file is not an .npz archive</source>
        <translation>文件不是 .npz 存档</translation>
    </message>
    <message>
        <source>the file is damaged</source>
        <translation>文件已损坏</translation>
    </message>
    <message>
        <source>must be a recording, run.npz ({0})</source>
        <translation>必须是一份记录 run.npz（{0}）</translation>
    </message>
    <message>
        <source>must be a recording, run.npz (what the file says of itself: {0})</source>
        <translation>必须是一份记录 run.npz（文件对自身的描述有误：{0}）</translation>
    </message>
    <message>
        <source>a folder, not a regular file</source>
        <translation>这是文件夹，不是普通文件</translation>
    </message>
    <message>
        <source>a pipe, not a regular file</source>
        <translation>这是管道，不是普通文件</translation>
    </message>
    <message>
        <source>a socket, not a regular file</source>
        <translation>这是套接字，不是普通文件</translation>
    </message>
    <message>
        <source>a device, not a regular file</source>
        <translation>这是设备，不是普通文件</translation>
    </message>
    <message>
        <source>something else, not a regular file</source>
        <translation>不是普通文件</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>没有这个文件或文件夹</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>没有权限</translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation>不允许这样操作</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>这是文件夹</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>路径中有一处不是文件夹</translation>
    </message>
    <message>
        <source>File exists</source>
        <translation>文件已存在</translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation>文件名太长</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>磁盘空间不足</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>磁盘只读</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>磁盘读写出错</translation>
    </message>
    <message>
        <source>damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>expecting value</source>
        <translation>此处缺少值</translation>
    </message>
    <message>
        <source>expecting property name enclosed in double quotes</source>
        <translation>此处应为双引号括起的名称</translation>
    </message>
    <message>
        <source>expecting &apos;:&apos; delimiter</source>
        <translation>此处缺少冒号</translation>
    </message>
    <message>
        <source>expecting &apos;,&apos; delimiter</source>
        <translation>此处缺少逗号</translation>
    </message>
    <message>
        <source>illegal trailing comma before end of object</source>
        <translation>对象结尾多了一个逗号</translation>
    </message>
    <message>
        <source>illegal trailing comma before end of array</source>
        <translation>列表结尾多了一个逗号</translation>
    </message>
    <message>
        <source>unterminated string starting at</source>
        <translation>从此处开始的字符串没有结束</translation>
    </message>
    <message>
        <source>invalid control character at</source>
        <translation>此处有不允许的控制字符</translation>
    </message>
    <message>
        <source>invalid \escape</source>
        <translation>此处反斜杠后的字符无效</translation>
    </message>
    <message>
        <source>invalid \uXXXX escape</source>
        <translation>此处的 \uXXXX 无效</translation>
    </message>
    <message>
        <source>extra data</source>
        <translation>此处有多余内容</translation>
    </message>
    <message>
        <source>must be a share string (vp:…) or a readable JSON file</source>
        <translation>必须是分享字符串（vp:…）或可读的 JSON 文件</translation>
    </message>
    <message>
        <source>{0} ({1})</source>
        <translation>{0}（{1}）</translation>
    </message>
    <message>
        <source>not UTF-8 text</source>
        <translation>不是 UTF-8 文本</translation>
    </message>
    <message>
        <source>{0} of at most 1 MiB</source>
        <translation>{0}，不超过 1 MiB</translation>
    </message>
    <message>
        <source>must be {0}name=value&amp;name=value or a JSON object of fields</source>
        <translation>必须是 {0}名称=值&amp;名称=值，或由各字段组成的 JSON 对象</translation>
    </message>
    <message>
        <source>{0}; {1}</source>
        <translation>{0}；{1}</translation>
    </message>
    <message>
        <source>every part must read name=value</source>
        <translation>每一段都必须写成 名称=值</translation>
    </message>
    <message>
        <source>{0} must be given once</source>
        <translation>{0} 只能给出一次</translation>
    </message>
    <message>
        <source>the file must have as many rows in x as in y, not {0} and {1}</source>
        <translation>文件中 x 与 y 的行数必须相同，而不是 {0} 与 {1}</translation>
    </message>
    <message>
        <source>the file must hold numbers, not {0} and {1}</source>
        <translation>文件中必须是数，而不是 {0} 与 {1}</translation>
    </message>
    <message>
        <source>the file must hold at least {0} samples, not {1}</source>
        <translation>文件中至少要有 {0} 个样本，而不是 {1} 个</translation>
    </message>
    <message>
        <source>the file must have at least one feature</source>
        <translation>文件中至少要有一个特征</translation>
    </message>
    <message>
        <source>the file must hold finite numbers; x is not in sample {0}</source>
        <translation>文件中的数必须有限；第 {0} 个样本的 x 不是</translation>
    </message>
    <message>
        <source>the file must have y of shape (samples,) or (samples, outputs), not {0}</source>
        <translation>文件中 y 的形状必须是（样本数,）或（样本数, 输出数），而不是 {0}</translation>
    </message>
    <message>
        <source>the file must hold finite numbers; y is not in sample {0}</source>
        <translation>文件中的数必须有限；第 {0} 个样本的 y 不是</translation>
    </message>
    <message>
        <source>the file must have one label for each sample, not y of shape {0}</source>
        <translation>文件中每个样本必须有一个标签，而不是形状为 {0} 的 y</translation>
    </message>
    <message>
        <source>the file must have labels from 0 to {0}, not {1}…{2} (whole numbers alone are classes)</source>
        <translation>文件中的标签必须在 0 到 {0} 之间，而不是 {1}…{2}（全是整数时表示类别）</translation>
    </message>
    <message>
        <source>the file must have at least two classes; every label is {0}</source>
        <translation>文件中至少要有两个类别；所有标签都是 {0}</translation>
    </message>
    <message>
        <source>the file must hold the arrays x and y; {0} is not there</source>
        <translation>文件中必须有数组 x 和 y；缺少 {0}</translation>
    </message>
    <message>
        <source>the file is larger than 256 MiB</source>
        <translation>文件大于 256 MiB</translation>
    </message>
    <message>
        <source>the file holds no samples</source>
        <translation>文件中没有样本</translation>
    </message>
    <message>
        <source>the file must have at least one feature and the label, separated by commas</source>
        <translation>文件中至少要有一个特征和一个标签，用逗号隔开</translation>
    </message>
    <message>
        <source>the file must have {0} columns in every row; sample {1} has {2}</source>
        <translation>文件的每一行必须有 {0} 列；第 {1} 个样本有 {2} 列</translation>
    </message>
    <message>
        <source>the file must have a label in every row; sample {0} has none</source>
        <translation>文件的每一行都必须有标签；第 {0} 个样本没有</translation>
    </message>
    <message>
        <source>the file must have words for labels, or numbers, not both; the label of sample {0} is {1}</source>
        <translation>文件中的标签必须全是词或全是数；第 {0} 个样本的标签是 {1}</translation>
    </message>
    <message>
        <source>the file must be the images file of an IDX pair (…images…ubyte, or .gz)</source>
        <translation>文件必须是一对 IDX 文件中的图像文件（…images…ubyte，或 .gz）</translation>
    </message>
    <message>
        <source>the file must have its labels beside it, in {0}</source>
        <translation>文件旁边必须有标签文件 {0}</translation>
    </message>
    <message>
        <source>the file ends too early</source>
        <translation>文件不完整</translation>
    </message>
    <message>
        <source>the file does not exist</source>
        <translation>文件不存在</translation>
    </message>
    <message>
        <source>the file cannot be read ({0})</source>
        <translation>文件无法读取（{0}）</translation>
    </message>
    <message>
        <source>the file must hold the arrays x and y; x and y are not there</source>
        <translation>文件中必须有数组 x 和 y；两个都没有</translation>
    </message>
    <message>
        <source>the file is not UTF-8 text</source>
        <translation>文件不是 UTF-8 文本</translation>
    </message>
    <message>
        <source>the file must have names or numbers in its first row, not both; column {0} of it is {1}</source>
        <translation>文件的第一行必须全是列名或全是数；其第 {0} 列是 {1}</translation>
    </message>
    <message>
        <source>the file is not IDX data: {0}</source>
        <translation>文件不是 IDX 数据：{0}</translation>
    </message>
    <message>
        <source>the file is not IDX data: {0} claims {1} dimensions</source>
        <translation>文件不是 IDX 数据：{0} 声称有 {1} 维</translation>
    </message>
    <message>
        <source>the file would unpack to more than 1024 MiB: {0} is {1}</source>
        <translation>文件解压后超过 1024 MiB：{0} 是 {1}</translation>
    </message>
    <message>
        <source>the file is longer than it says: {0}</source>
        <translation>文件比它声称的长：{0}</translation>
    </message>
    <message>
        <source>the program&apos;s own file digits.npz cannot be read ({0})</source>
        <translation>无法读取程序自带的文件 digits.npz（{0}）</translation>
    </message>
    <message>
        <source>the file holds numbers that cannot be standardised: one is too far from the others</source>
        <translation>文件中的数无法标准化：有一个数与其他数相差太远</translation>
    </message>
    <message>
        <source>PyTorch finds no CUDA device here</source>
        <translation>PyTorch 在这台机器上找不到 CUDA 设备</translation>
    </message>
    <message>
        <source>this is the CPU edition; with an NVIDIA card run the program from source</source>
        <translation>这是 CPU 版；如有 NVIDIA 显卡，请从源代码运行本程序</translation>
    </message>
    <message>
        <source>must be at most cuda:{0} on this machine</source>
        <translation>在这台机器上最大为 cuda:{0}</translation>
    </message>
    <message>
        <source>must be auto or cpu: {0}</source>
        <translation>必须是 auto 或 cpu：{0}</translation>
    </message>
    <message>
        <source>must be a recording ending in .npz, an experiment or a preset in .json, or data in .npz, .csv, ubyte or .gz</source>
        <translation>必须是记录（.npz）、实验或预设（.json），或数据（.npz、.csv、ubyte 或 .gz）</translation>
    </message>
    <message>
        <source>this gives {0} twice; each must be given once</source>
        <translation>{0} 出现了两次，每个名称只能给出一次</translation>
    </message>
    <message>
        <source>this is no JSON (line {0}, column {1}: {2})</source>
        <translation>这不是 JSON（第 {0} 行第 {1} 列：{2}）</translation>
    </message>
    <message>
        <source>this has lists or objects nested too deeply</source>
        <translation>列表或对象嵌套太深</translation>
    </message>
    <message>
        <source>the file must hold numbers; column {0} of row {1} holds {2}</source>
        <translation>文件中必须是数；第 {1} 行第 {0} 列是 {2}</translation>
    </message>
    <message>
        <source>the lesson</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>the question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>must have at least one page</source>
        <translation>至少要有一页</translation>
    </message>
    <message>
        <source>covers must be a list of whole numbers</source>
        <translation>covers 必须是整数的列表</translation>
    </message>
    <message>
        <source>must end with a question</source>
        <translation>必须以问题结束</translation>
    </message>
    <message>
        <source>{0} must be a table</source>
        <translation>{0}必须是一个表</translation>
    </message>
    <message>
        <source>{0}: a prediction and what is revealed belong together</source>
        <translation>{0}：预测与揭晓的内容必须同时给出</translation>
    </message>
    <message>
        <source>{0} must show at least one view</source>
        <translation>{0}至少要显示一个视图</translation>
    </message>
    <message>
        <source>{0} may cover only views that it shows, and only to be guessed</source>
        <translation>{0}只能遮住它显示的视图，而且只能为了让人预测</translation>
    </message>
    <message>
        <source>{0}: quantities must be of {1}</source>
        <translation>{0}：quantities 必须是下列之一：{1}</translation>
    </message>
    <message>
        <source>{0}: run must be true or false</source>
        <translation>{0}：run 必须是 true 或 false</translation>
    </message>
    <message>
        <source>{0}: speed must be one of {1}</source>
        <translation>{0}：speed 必须是 {1} 之一</translation>
    </message>
    <message>
        <source>{0} knows no fields {1}</source>
        <translation>{0}没有字段 {1}</translation>
    </message>
    <message>
        <source>{0} must have an experiment</source>
        <translation>{0}必须有一个实验</translation>
    </message>
    <message>
        <source>{0}: {1} must be a whole number, not below 0</source>
        <translation>{0}：{1} 必须是不小于 0 的整数</translation>
    </message>
    <message>
        <source>{0} knows no {1}</source>
        <translation>{0}没有 {1} 这一项</translation>
    </message>
    <message>
        <source>{0}: {1} must be a list of names</source>
        <translation>{0}：{1} 必须是名称的列表</translation>
    </message>
    <message>
        <source>cannot be read ({0})</source>
        <translation>无法读取（{0}）</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>{0} must have a text {1} in at least one language</source>
        <translation>{0}的 {1} 至少要有一种语言的文字</translation>
    </message>
    <message>
        <source>page {0}</source>
        <translation>第 {0} 页</translation>
    </message>
    <message>
        <source>another</source>
        <translation>另一个运行</translation>
    </message>
    <message>
        <source>must be a folder that no other run is writing to; {0} is</source>
        <translation>必须是没有别的运行正在写入的文件夹；{0} 正在写入</translation>
    </message>
    <message>
        <source>must be a folder to write to ({0})</source>
        <translation>必须是可以写入的文件夹（{0}）</translation>
    </message>
    <message>
        <source>process {0}</source>
        <translation>进程 {0}</translation>
    </message>
    <message>
        <source>must be a list of headings and names of presets</source>
        <translation>必须是标题和预设名称的列表</translation>
    </message>
    <message>
        <source>must be an object with an &quot;experiment&quot; of fields</source>
        <translation>必须是一个对象，其中的 &quot;experiment&quot; 由各字段组成</translation>
    </message>
    <message>
        <source>holds unknown fields: {0}</source>
        <translation>含有无法识别的字段：{0}</translation>
    </message>
    <message>
        <source>may have a &quot;speed&quot;, one of {0}</source>
        <translation>可以有 &quot;speed&quot;，须是 {0} 之一</translation>
    </message>
    <message>
        <source>must have from 1 to {0} characters, a letter or a figure among them</source>
        <translation>必须有 1 到 {0} 个字符，其中要有文字或数字</translation>
    </message>
    <message>
        <source>must have at most {0} characters</source>
        <translation>最多 {0} 个字符</translation>
    </message>
    <message>
        <source>must have at most {0} bytes</source>
        <translation>最多 {0} 字节</translation>
    </message>
    <message>
        <source>must be JSON; {0}</source>
        <translation>必须是 JSON；{0}</translation>
    </message>
    <message>
        <source>must have a &quot;title&quot; and may have a &quot;sentence&quot;, each an object of languages</source>
        <translation>必须有 &quot;title&quot;，可以有 &quot;sentence&quot;，两者都是以语言为键的对象</translation>
    </message>
    <message>
        <source>must be JSON in UTF-8</source>
        <translation>必须是 UTF-8 编码的 JSON</translation>
    </message>
    <message>
        <source>holds {0}</source>
        <translation>其中 {0}</translation>
    </message>
    <message>
        <source>the file holds other things</source>
        <translation>文件里是别的内容</translation>
    </message>
    <message>
        <source>the file does not say what {0} was</source>
        <translation>文件没有说明 {0} 的值</translation>
    </message>
    <message>
        <source>the file knows fields that this version does not: {0}</source>
        <translation>文件含有本版本没有的字段：{0}</translation>
    </message>
    <message>
        <source>this one is too close to 0 to be told from it</source>
        <translation>这个数太接近 0，无法与 0 区分</translation>
    </message>
    <message>
        <source>activations of non-zero mean add up on the skip connection; one direction then carries the gradient, and how much of it is only estimated</source>
        <translation>均值非零的激活值在跨层连接上累加，梯度便集中于一个方向，其中有多少只能估计</translation>
    </message>
    <message>
        <source>activations that are not zero at zero add up on the skip connection, and how much of the gradient follows them is only estimated</source>
        <translation>激活函数在零点不为零，其值在跨层连接上不断累加，有多少梯度随之传播只能估计</translation>
    </message>
    <message>
        <source>nearly all units are saturated: the average over all networks is that of a few rare ones, and hardly any is like it</source>
        <translation>几乎所有单元都饱和：对所有网络的平均来自极少数网络，几乎没有一个与它相像</translation>
    </message>
    <message>
        <source>the samples nearly cancel in ∂L/∂W, which is known only roughly, and not at all where its line has a gap</source>
        <translation>各样本在 ∂L/∂W 中几乎相互抵消，因此它只能粗略得知，曲线断开处则完全未知</translation>
    </message>
    <message>
        <source>the input is not of a finite positive size</source>
        <translation>输入的大小不是有限的正数</translation>
    </message>
    <message>
        <source>the gradient at the last hidden layer, on which the backward line hangs, is not of a finite positive size</source>
        <translation>反向的理论线以最后一个隐藏层的梯度为起点，而它的大小不是有限的正数</translation>
    </message>
    <message>
        <source>the weights begin at values that are set and not drawn at random</source>
        <translation>权重的初值是设定的，而不是随机抽取的</translation>
    </message>
    <message>
        <source>a gain of 0 makes every weight 0</source>
        <translation>增益为 0 使所有权重都为 0</translation>
    </message>
    <message>
        <source>the first batch decides how large the weights are, and no variance set beforehand</source>
        <translation>权重的大小由第一个小批量决定，而不是由预先设定的方差决定</translation>
    </message>
    <message>
        <source>high loss</source>
        <translation>损失过高</translation>
    </message>
    <message>
        <source>typical loss {0}</source>
        <translation>典型损失 {0}</translation>
    </message>
    <message>
        <source>The typical loss of the last steps is {0}, many times the {1} that it began with.</source>
        <translation>最近若干步的典型损失是 {0}，是开始时 {1} 的许多倍。</translation>
    </message>
    <message>
        <source>weight decay too strong</source>
        <translation>权重衰减过强</translation>
    </message>
    <message>
        <source>{0} of the weights in a step</source>
        <translation>一步减去权重的 {0}</translation>
    </message>
    <message>
        <source>The weight decay alone takes {0} of all weights away in every step: that is the learning rate times the weight decay. From 100 % on their sign changes, beyond 200 % they grow.</source>
        <translation>仅权重衰减每一步就减去全部权重的 {0}：这是学习率与权重衰减的乘积。达到 100 % 后权重变号，超过 200 % 后权重反而增大。</translation>
    </message>
    <message>
        <source>batch of one</source>
        <translation>小批量只有一个样本</translation>
    </message>
    <message>
        <source>nothing to normalise by</source>
        <translation>无从规范化</translation>
    </message>
    <message>
        <source>Batch normalisation over a single sample takes away all that the sample is: every pre-activation becomes the same, whatever comes in, and no gradient passes back. The batch must have at least two samples.</source>
        <translation>对单个样本做批量规范化会抹去这个样本的一切：无论输入是什么，每个预激活值都变得相同，梯度也无法回传。小批量至少要有两个样本。</translation>
    </message>
    <message>
        <source>stalled by clipping</source>
        <translation>裁剪使网络停滞</translation>
    </message>
    <message>
        <source>The gradient is exactly zero in every hidden layer: none of them learns anything from it.</source>
        <translation>所有隐藏层的梯度都恰好为零：没有一个隐藏层能从中学到东西。</translation>
    </message>
    <message>
        <source>In {0} all {1} units have the same weights and stay alike for ever: the layer is worth one unit.</source>
        <translation>{0}的 {1} 个单元权重完全相同，而且永远相同：这一层只相当于一个单元。</translation>
    </message>
    <message>
        <source>By its slope over the layers the gradient loses {0} decades from the last hidden layer to the first; the first receives {1} of it.</source>
        <translation>按逐层斜率算，从最后一个隐藏层到第一个隐藏层，梯度减小 {0} 个数量级；第一层只得到其中的 {1}。</translation>
    </message>
    <message>
        <source>By its slope over the layers the gradient gains {0} decades from the last hidden layer to the first; the first receives {1} of it.</source>
        <translation>按逐层斜率算，从最后一个隐藏层到第一个隐藏层，梯度增大 {0} 个数量级；第一层得到的是它的 {1} 倍。</translation>
    </message>
    <message>
        <source>{0} lost in {1}</source>
        <translation>{1}丢失 {0}</translation>
    </message>
    <message>
        <source>{0} of the entries of ∂L/∂W in {1} are rounded to zero: they are too small for float16. No other layer loses entries.</source>
        <translation>{1}的 ∂L/∂W 有 {0} 的分量被舍入为零：它们对 float16 来说太小。其他层没有丢失分量。</translation>
    </message>
    <message>
        <source>In {0} the gradient is smaller than float32 can hold with its digits.</source>
        <translation>{0}的梯度小到 float32 已无法保持其有效位数。</translation>
    </message>
    <message>
        <source>activations exploding</source>
        <translation>激活值爆炸</translation>
    </message>
    <message>
        <source>×{0} going forward</source>
        <translation>前向传播中增大 ×{0}</translation>
    </message>
    <message>
        <source>learning rate too high</source>
        <translation>学习率过高</translation>
    </message>
    <message>
        <source>gradient spike</source>
        <translation>梯度尖峰</translation>
    </message>
    <message>
        <source>×{1} at step {0}</source>
        <translation>第 {0} 步 ×{1}</translation>
    </message>
    <message>
        <source>At step {0} the gradient was ×{1} its usual size: a spike.</source>
        <translation>第 {0} 步的梯度是平常大小的 ×{1}：一个尖峰。</translation>
    </message>
    <message>
        <source>The entries of ∂L/∂W in {1} are about {0} in size; in {2} layers they are too small.</source>
        <translation>{1}的 ∂L/∂W 的分量大小约为 {0}；共有 {2} 层的分量太小。</translation>
    </message>
    <message>
        <source>The entries of ∂L/∂W in {1} are about {0} in size: too small.</source>
        <translation>{1}的 ∂L/∂W 的分量大小约为 {0}：太小。</translation>
    </message>
    <message>
        <source>learning rate 0</source>
        <translation>学习率为 0</translation>
    </message>
    <message>
        <source>nothing is learned</source>
        <translation>什么也学不到</translation>
    </message>
    <message>
        <source>The learning rate is 0: no weight changes, whatever the gradient says.</source>
        <translation>学习率为 0：无论梯度如何，权重都不会改变。</translation>
    </message>
    <message>
        <source>{0} of the units of {1} were not activated by any sample of the last window; it is the worst of {2} such layers.</source>
        <translation>在上一个窗口中，{1}有 {0} 的单元没有被任何样本激活；共有 {2} 层如此，这一层最严重。</translation>
    </message>
    <message>
        <source>{0} of the units of {1} were not activated by any sample of the last window.</source>
        <translation>在上一个窗口中，{1}有 {0} 的单元没有被任何样本激活。</translation>
    </message>
    <message>
        <source>{0} of the activations of {1} lie where φ is flat, and pass on almost no gradient; it is the worst of {2} such layers.</source>
        <translation>{1}有 {0} 的激活值落在 φ 的平坦处，几乎不传递梯度；共有 {2} 层如此，这一层最严重。</translation>
    </message>
    <message>
        <source>{0} of the activations of {1} lie where φ is flat, and pass on almost no gradient.</source>
        <translation>{1}有 {0} 的激活值落在 φ 的平坦处，几乎不传递梯度。</translation>
    </message>
    <message>
        <source>By its slope over the layers the gradient loses {0} decades on its way to the first, which receives {1} of it.</source>
        <translation>按逐层斜率算，梯度在到达第一层的途中减小 {0} 个数量级；第一层得到其中的 {1}。</translation>
    </message>
    <message>
        <source>By its slope over the layers the gradient gains {0} decades on its way to the first, which receives {1} of it.</source>
        <translation>按逐层斜率算，梯度在到达第一层的途中增大 {0} 个数量级；第一层得到的是它的 {1} 倍。</translation>
    </message>
    <message>
        <source>{0} of the activations of {1} lie where φ is flat.</source>
        <translation>{1}有 {0} 的激活值落在 φ 的平坦处。</translation>
    </message>
    <message>
        <source>loss far above guessing</source>
        <translation>损失远高于瞎猜</translation>
    </message>
    <message>
        <source>The typical loss of the last steps is {0}; guessing among {2} classes would make it {1}. The outputs are so large that the network is certain, and wrong.</source>
        <translation>最近几步的典型损失是 {0}，而在 {2} 个类别中瞎猜只有 {1}。输出过大，网络确信不疑，却是错的。</translation>
    </message>
    <message>
        <source>A step changes {1} by {0} of its weights; a thousandth is usual, about a hundredth plenty.</source>
        <translation>一步使{1}的权重改变 {0}；千分之一是常态，百分之一左右已经足够多。</translation>
    </message>
    <message>
        <source>clipped too far</source>
        <translation>裁剪过度</translation>
    </message>
    <message>
        <source>The typical loss of the last steps is {0}; it began at {1} and has not fallen.</source>
        <translation>最近若干步的典型损失是 {0}，开始时是 {1}：没有下降。</translation>
    </message>
    <message>
        <source>it only guesses</source>
        <translation>只是在猜</translation>
    </message>
    <message>
        <source>The typical loss of the last steps is {0}, that of guessing among {1} classes: whatever the gradient is like, what tells one sample from another does not reach the output.</source>
        <translation>最近若干步的典型损失是 {0}，正是在 {1} 个类别中瞎猜的损失：不论梯度如何，能区分样本的信息没有到达输出。</translation>
    </message>
    <message>
        <source>not a straight line</source>
        <translation>不是直线</translation>
    </message>
    <message>
        <source>chance</source>
        <translation>偶然波动</translation>
    </message>
    <message>
        <source>Over the layers the gradient changes by {0} decades. That may be chance: between networks of this width and depth {2} standard deviations are {1} decades, and no verdict is made of less.</source>
        <translation>梯度逐层累计变化 {0} 个数量级。这可能只是偶然：宽度和深度相同的网络之间，{2} 个标准差就是 {1} 个数量级，小于它的变化不作判断。</translation>
    </message>
    <message>
        <source>{0} of the entries of ∂L/∂W in {1} are subnormal and have lost digits.</source>
        <translation>{1}的 ∂L/∂W 有 {0} 的分量是次正规数，已丢失有效位数。</translation>
    </message>
    <message>
        <source>{0} of the units of {1} are zero for this whole batch. In a deep ReLU network that is usual, and no fault.</source>
        <translation>{1}有 {0} 的单元在整个小批量上为零。在深层 ReLU 网络中这很常见，并非故障。</translation>
    </message>
    <message>
        <source>The slope of ReLU is 1 wherever a unit is active, however large its pre-activation.</source>
        <translation>单元激活时 ReLU 的斜率为 1，不论预激活值有多大。</translation>
    </message>
    <message>
        <source>Brings every unit back to mean 0 and variance 1 over the batch.</source>
        <translation>使每个单元在小批量上的均值为 0、方差为 1。</translation>
    </message>
    <message>
        <source>Residual connections</source>
        <translation>残差连接</translation>
    </message>
    <message>
        <source>Adds each layer&apos;s input to its output, so that the gradient has a way past every layer.</source>
        <translation>把每层的输入加到输出上，使梯度可以绕过每一层。</translation>
    </message>
    <message>
        <source>Without skip connections</source>
        <translation>去掉跨层连接</translation>
    </message>
    <message>
        <source>What every layer adds to its input has a mean, which piles up from layer to layer.</source>
        <translation>每一层加到输入上的量均值不为零，会逐层累积。</translation>
    </message>
    <message>
        <source>No weight decay</source>
        <translation>去掉权重衰减</translation>
    </message>
    <message>
        <source>Weight decay times learning rate is what every step takes away from all weights, whatever the gradient says.</source>
        <translation>不论梯度如何，每一步都会从全部权重中减去“权重衰减乘学习率”这一比例。</translation>
    </message>
    <message>
        <source>Clipping threshold 1</source>
        <translation>裁剪阈值 1</translation>
    </message>
    <message>
        <source>Only a gradient whose norm, or entry, is larger than 1 is shortened.</source>
        <translation>只缩短范数（或分量）大于 1 的梯度。</translation>
    </message>
    <message>
        <source>No clipping</source>
        <translation>去掉裁剪</translation>
    </message>
    <message>
        <source>The gradient stays as long as it is.</source>
        <translation>梯度保持原来的长度。</translation>
    </message>
    <message>
        <source>Layers of 100 units</source>
        <translation>每层 100 个单元</translation>
    </message>
    <message>
        <source>All n units of a ReLU layer are inactive for one sample in 2ⁿ: of a few units that is often enough, and nothing passes through them.</source>
        <translation>ReLU 层的 n 个单元对每 2ⁿ 个样本中的一个全部未激活：单元很少时这经常发生，什么也无法通过。</translation>
    </message>
    <message>
        <source>Batches of 64</source>
        <translation>小批量取 64 个样本</translation>
    </message>
    <message>
        <source>Mean and variance over a batch tell its samples apart; of one sample they leave nothing.</source>
        <translation>小批量的均值和方差能区分其中的样本；只有一个样本时则什么也不剩。</translation>
    </message>
    <message>
        <source>Take the change back</source>
        <translation>撤销这一改动</translation>
    </message>
    <message>
        <source>Takes the learning rate that there was before it was raised, a few steps before the end.</source>
        <translation>改回训练终止前几步被调高之前的学习率。</translation>
    </message>
    <message>
        <source>Takes the rate that a search usually begins with: 0.01, or 0.001 for a rule that divides by the gradient&apos;s own size; less where the network is deep.</source>
        <translation>采用调参时通常的起点：0.01；对于除以梯度自身大小的优化算法，则为 0.001；网络很深时更小。</translation>
    </message>
    <message>
        <source>Learning rate ÷ 10</source>
        <translation>学习率 ÷ 10</translation>
    </message>
    <message>
        <source>Every update becomes a tenth as long.</source>
        <translation>每次更新缩短为十分之一。</translation>
    </message>
    <message>
        <source>Clip the gradient</source>
        <translation>梯度裁剪</translation>
    </message>
    <message>
        <source>Shortens the whole gradient to norm 1 where it is longer; its direction stays.</source>
        <translation>整个梯度的范数超过 1 时缩短到 1；方向不变。</translation>
    </message>
    <message>
        <source>Learning rate × 10</source>
        <translation>学习率 × 10</translation>
    </message>
    <message>
        <source>Every update becomes ten times as long.</source>
        <translation>每次更新变为十倍长。</translation>
    </message>
    <message>
        <source>Adam</source>
        <translation>Adam</translation>
    </message>
    <message>
        <source>Divides every update by the gradient&apos;s own size, so that small gradients move as well.</source>
        <translation>每次更新都除以梯度自身的大小，小的梯度也能推动参数。</translation>
    </message>
    <message>
        <source>Leaky ReLU</source>
        <translation>Leaky ReLU</translation>
    </message>
    <message>
        <source>A small slope is left where ReLU has none, so that a silent unit can come back.</source>
        <translation>在 ReLU 没有斜率的地方保留一个小斜率，使沉默的单元能够恢复。</translation>
    </message>
    <message>
        <source>ReLU has no flat end on the positive side.</source>
        <translation>ReLU 在正的一侧没有平坦段。</translation>
    </message>
    <message>
        <source>Dynamic loss scale</source>
        <translation>动态损失缩放</translation>
    </message>
    <message>
        <source>Multiplies the loss by as much as float16 can bear, and divides the gradient by it again.</source>
        <translation>把损失放大到 float16 所能承受的程度，再把梯度除回来。</translation>
    </message>
    <message>
        <source>Has the range of float32, with fewer digits.</source>
        <translation>范围与 float32 相同，有效位数较少。</translation>
    </message>
    <message>
        <source>Reaches from 1e-38 to 3e38.</source>
        <translation>范围从 1e-38 到 3e38。</translation>
    </message>
    <message>
        <source>Loss scale 1</source>
        <translation>损失缩放 1</translation>
    </message>
    <message>
        <source>The gradient is stored as it is.</source>
        <translation>梯度按原样存储。</translation>
    </message>
    <message>
        <source>Reaches down to 1e-308: the gradient stays as small, but can be seen.</source>
        <translation>最小可到 1e-308：梯度仍然很小，但看得见。</translation>
    </message>
    <message>
        <source>Gain 1</source>
        <translation>增益 1</translation>
    </message>
    <message>
        <source>The weights are drawn as large as the scheme wants them.</source>
        <translation>权重的大小正如初始化方法所要求的。</translation>
    </message>
    <message>
        <source>Biases of zero</source>
        <translation>偏置为零</translation>
    </message>
    <message>
        <source>No noise of the biases is added to what passes through.</source>
        <translation>偏置的噪声不再加到经过的信号上。</translation>
    </message>
    <message>
        <source>Gain 1, biases of zero</source>
        <translation>增益 1，偏置为零</translation>
    </message>
    <message>
        <source>The weights are drawn as large as the scheme wants them, and no noise of the biases is added to what passes through.</source>
        <translation>权重的大小正如初始化方法所要求的，偏置的噪声也不再加到经过的信号上。</translation>
    </message>
    <message>
        <source>At step {0} the activations h of {1} were the first that were not finite.</source>
        <translation>第 {0} 步，{1}的激活值 h 最先不再有限。</translation>
    </message>
    <message>
        <source>At step {0} the loss was the first value that was not finite.</source>
        <translation>第 {0} 步，损失最先不再有限。</translation>
    </message>
    <message>
        <source>At step {0} the gradient ∂L/∂h of {1} was the first that was not finite.</source>
        <translation>第 {0} 步，{1}的梯度 ∂L/∂h 最先不再有限。</translation>
    </message>
    <message>
        <source>At step {0} the gradient ∂L/∂W of {1} was the first that was not finite.</source>
        <translation>第 {0} 步，{1}的梯度 ∂L/∂W 最先不再有限。</translation>
    </message>
    <message>
        <source>At step {0} the weights W of {1} were the first that were not finite.</source>
        <translation>第 {0} 步，{1}的权重 W 最先不再有限。</translation>
    </message>
    <message>
        <source>It came with the first updates, short as they were: with them it reaches units in which every layer multiplies it. That lies in how the weights were drawn, and not in how far they have gone.</source>
        <translation>它随最初几次更新出现，尽管更新很小：更新之后，信号到达了每一层都会把它成倍放大的单元。原因在于权重的初始化方式，而不在于更新的大小。</translation>
    </message>
    <message>
        <source>It came in a jump: up to then the gradient was of its usual size, and one batch made it many times as large.</source>
        <translation>是突然发生的：在此之前梯度大小正常，一个小批量使它增大了许多倍。</translation>
    </message>
    <message>
        <source>It came from the updates: they were too long already while the gradient was still of its usual size, and made the next gradient larger.</source>
        <translation>问题出在更新：梯度大小还正常时，更新的步子就已经太大，使下一个梯度变得更大。</translation>
    </message>
    <message>
        <source>The number format ends at 65504, and the scaled values went beyond it; in a wider one they would have been ordinary.</source>
        <translation>这种数值格式的上限是 65504，放大后的值超过了它；在更宽的格式中它们只是普通的数。</translation>
    </message>
    <message>
        <source>It came in a jump, after {0} finite steps: too few to say which size of the gradient is usual.</source>
        <translation>它是突然出现的，之前只有 {0} 个有限的步，不足以判断梯度平常有多大。</translation>
    </message>
    <message>
        <source>The gradient shrinks ×{0} per layer going back</source>
        <translation>反向传播中，梯度每层缩小，×{0}</translation>
    </message>
    <message>
        <source>The gradient grows ×{0} per layer going back</source>
        <translation>反向传播中，梯度每层增大，×{0}</translation>
    </message>
    <message>
        <source>The gradient keeps its size: ×{0} per layer going back</source>
        <translation>梯度保持大小：反向传播每层 ×{0}</translation>
    </message>
    <message>
        <source>The gradient stays within a decade: ×{0} per layer going back</source>
        <translation>梯度变化不到一个数量级：反向传播每层 ×{0}</translation>
    </message>
    <message>
        <source>{0} (theory for {1} with {2}: ×{3}).</source>
        <translation>{0}（{1} 配 {2} 的理论值：×{3}）。</translation>
    </message>
    <message>
        <source>{0} (theory for this network: ×{1}).</source>
        <translation>{0}（这个网络的理论值：×{1}）。</translation>
    </message>
    <message>
        <source>{0} (theory for this network: about ×{1}).</source>
        <translation>{0}（这个网络的理论值：约 ×{1}）。</translation>
    </message>
    <message>
        <source>{0} (theory for this network: ×{1}, and ×{2} in a typical draw).</source>
        <translation>{0}（这个网络的理论值：×{1}，典型的一次抽取为 ×{2}）。</translation>
    </message>
    <message>
        <source>{0}.</source>
        <translation>{0}。</translation>
    </message>
    <message>
        <source>The first layer receives {0} of the last.</source>
        <translation>第一层得到的是最后一层的 {0}。</translation>
    </message>
    <message>
        <source>That is beyond the limit of {0} decades; near to it a verdict is made when {1} readings agree.</source>
        <translation>这超过了 {0} 个数量级的阈值；在阈值附近，要有 {1} 次读数一致才下诊断。</translation>
    </message>
    <message>
        <source>Try “{0}”: about ×{1}.</source>
        <translation>试试“{0}”：约 ×{1}。</translation>
    </message>
    <message>
        <source>The learning rate becomes {0}.</source>
        <translation>学习率改为 {0}。</translation>
    </message>
    <message>
        <source>layer {0}</source>
        <translation>第 {0} 层</translation>
    </message>
    <message>
        <source>the output layer</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>Vanished or exploded from</source>
        <translation>消失或爆炸的起点</translation>
    </message>
    <message>
        <source>decades</source>
        <translation>个数量级</translation>
    </message>
    <message>
        <source>AutoTrainer (Zhang et al. 2021), there for weight gradients: 1e-3</source>
        <translation>AutoTrainer（Zhang 等，2021），原用于权重梯度：1e-3</translation>
    </message>
    <message>
        <source>Decades between the last and the first hidden layer from which the gradient counts as vanished or exploded.</source>
        <translation>最后与第一个隐藏层之间相差多少个数量级，才算梯度消失或爆炸。</translation>
    </message>
    <message>
        <source>… until below</source>
        <translation>……直到低于</translation>
    </message>
    <message>
        <source>convention: half a decade of hysteresis</source>
        <translation>约定：半个数量级的滞后</translation>
    </message>
    <message>
        <source>The verdict is withdrawn only when so many decades or fewer are left.</source>
        <translation>只有降到这么多数量级以下，诊断才撤销。</translation>
    </message>
    <message>
        <source>Weakly from</source>
        <translation>轻微的起点</translation>
    </message>
    <message>
        <source>measured: five standard deviations between seeds (depth 20, width 128, ReLU)</source>
        <translation>实测：随机种子之间的五个标准差（深度 20，宽度 128，ReLU）</translation>
    </message>
    <message>
        <source>Decades from which the gradient counts as weakly vanishing or weakly exploding.</source>
        <translation>从多少个数量级起算轻微的梯度消失或爆炸。</translation>
    </message>
    <message>
        <source>convention: a fifth of a decade of hysteresis</source>
        <translation>约定：五分之一个数量级的滞后</translation>
    </message>
    <message>
        <source>The weak verdict is withdrawn only when so many decades or fewer are left.</source>
        <translation>只有降到这么多数量级以下，轻微的诊断才撤销。</translation>
    </message>
    <message>
        <source>Beyond chance</source>
        <translation>超出偶然</translation>
    </message>
    <message>
        <source>standard deviations</source>
        <translation>个标准差</translation>
    </message>
    <message>
        <source>Hanin and Nica 2019: the spread between networks of this width and depth</source>
        <translation>Hanin 与 Nica 2019：同样宽度和深度的网络之间的离散程度</translation>
    </message>
    <message>
        <source>Decades count only where they exceed so many standard deviations between seeds.</source>
        <translation>数量级只有超过随机种子之间这么多个标准差才算数。</translation>
    </message>
    <message>
        <source>Readings in a row</source>
        <translation>连续读数</translation>
    </message>
    <message>
        <source>readings</source>
        <translation>次</translation>
    </message>
    <message>
        <source>convention</source>
        <translation>约定</translation>
    </message>
    <message>
        <source>Tiny weight gradient</source>
        <translation>极小的权重梯度</translation>
    </message>
    <message>
        <source>SageMaker Debugger, rule VanishingGradient</source>
        <translation>SageMaker Debugger，规则 VanishingGradient</translation>
    </message>
    <message>
        <source>A layer whose ∂L/∂W has a smaller mean magnitude gets no gradient to speak of.</source>
        <translation>∂L/∂W 的平均绝对值更小的层，几乎得不到梯度。</translation>
    </message>
    <message>
        <source>Layer stands still</source>
        <translation>一层停滞</translation>
    </message>
    <message>
        <source>of the weights</source>
        <translation>（相对于权重）</translation>
    </message>
    <message>
        <source>four decades below Karpathy&apos;s 1e-3</source>
        <translation>比 Karpathy 的 1e-3 低四个数量级</translation>
    </message>
    <message>
        <source>A layer whose update is smaller than this does not learn while another does.</source>
        <translation>更新小于此值的层不在学习，而另一层在学习。</translation>
    </message>
    <message>
        <source>… while another moves</source>
        <translation>……而另一层在动</translation>
    </message>
    <message>
        <source>a tenth of Karpathy&apos;s 1e-3</source>
        <translation>Karpathy 的 1e-3 的十分之一</translation>
    </message>
    <message>
        <source>The update of a layer that does learn.</source>
        <translation>在学习的层的更新。</translation>
    </message>
    <message>
        <source>All layers stand still</source>
        <translation>所有层停滞</translation>
    </message>
    <message>
        <source>Glorot and Bengio 2010, eq. 14: Xavier with ReLU at depth 30</source>
        <translation>Glorot 与 Bengio 2010，式 14：深度 30 的 ReLU 配 Xavier</translation>
    </message>
    <message>
        <source>With smaller updates in every layer the whole network stalls, however even its gradient.</source>
        <translation>如果每一层的更新都更小，无论梯度多么均匀，整个网络都停滞。</translation>
    </message>
    <message>
        <source>Even weight gradient</source>
        <translation>均匀的权重梯度</translation>
    </message>
    <message>
        <source>decades per layer</source>
        <translation>数量级/层</translation>
    </message>
    <message>
        <source>He et al. 2015, figure 3, measured</source>
        <translation>He 等 2015，图 3，实测</translation>
    </message>
    <message>
        <source>A slope of ∂L/∂W over the layers that looks like no slope at all.</source>
        <translation>∂L/∂W 随层的斜率小到看不出斜率。</translation>
    </message>
    <message>
        <source>Large gradient norm</source>
        <translation>梯度范数过大</translation>
    </message>
    <message>
        <source>Mu Li&apos;s lecture: a healthy gradient lies in [1e-6, 1e3]</source>
        <translation>李沐的课程：合理的梯度在 [1e-6, 1e3] 之内</translation>
    </message>
    <message>
        <source>The norm of the gradient of all parameters from which it counts as exploded.</source>
        <translation>全部参数的梯度范数超过此值即算爆炸。</translation>
    </message>
    <message>
        <source>Spike</source>
        <translation>尖峰</translation>
    </message>
    <message>
        <source>× running median</source>
        <translation>× 滑动中位数</translation>
    </message>
    <message>
        <source>convention: an order of magnitude</source>
        <translation>约定：一个数量级</translation>
    </message>
    <message>
        <source>Activations grow</source>
        <translation>激活值增大</translation>
    </message>
    <message>
        <source>× from first to last</source>
        <translation>× 从首层到末层</translation>
    </message>
    <message>
        <source>mirror of the backward 1e-3</source>
        <translation>与反向的 1e-3 对应</translation>
    </message>
    <message>
        <source>Growth of the mean square of the activations from the first to the last hidden layer.</source>
        <translation>激活值的均方从第一个到最后一个隐藏层的增长。</translation>
    </message>
    <message>
        <source>Huge update</source>
        <translation>巨大的更新</translation>
    </message>
    <message>
        <source>SageMaker Debugger warns at 10; a tenth of the weights in one step is too much already</source>
        <translation>SageMaker Debugger 在 10 时警告；一步改变权重的十分之一已经太多</translation>
    </message>
    <message>
        <source>Healthy gradient from</source>
        <translation>健康的梯度从</translation>
    </message>
    <message>
        <source>Mu Li&apos;s lecture: [1e-6, 1e3]</source>
        <translation>李沐的课程：[1e-6, 1e3]</translation>
    </message>
    <message>
        <source>Root mean square of ∂L/∂h of one sample.</source>
        <translation>单个样本的 ∂L/∂h 的均方根。</translation>
    </message>
    <message>
        <source>… up to</source>
        <translation>……到</translation>
    </message>
    <message>
        <source>Healthy update from</source>
        <translation>健康的更新从</translation>
    </message>
    <message>
        <source>two decades below Karpathy&apos;s 1e-3</source>
        <translation>比 Karpathy 的 1e-3 低两个数量级</translation>
    </message>
    <message>
        <source>A smaller update moves a layer hardly at all.</source>
        <translation>更小的更新几乎不改变这一层。</translation>
    </message>
    <message>
        <source>a decade above Karpathy&apos;s 1e-3</source>
        <translation>比 Karpathy 的 1e-3 高一个数量级</translation>
    </message>
    <message>
        <source>A larger update makes training restless.</source>
        <translation>更大的更新使训练不稳定。</translation>
    </message>
    <message>
        <source>Cliff</source>
        <translation>断崖</translation>
    </message>
    <message>
        <source>convention: far beyond any per-layer factor</source>
        <translation>约定：远超任何单层因子</translation>
    </message>
    <message>
        <source>A jump of the gradient at one layer beyond the common slope.</source>
        <translation>梯度在某一层相对于整体斜率的突变。</translation>
    </message>
    <message>
        <source>Symmetric</source>
        <translation>对称</translation>
    </message>
    <message>
        <source>distinct units</source>
        <translation>个不同的单元</translation>
    </message>
    <message>
        <source>Dive into Deep Learning 5.4; alike to 1e-5 of the layer&apos;s largest</source>
        <translation>《动手学深度学习》5.4；相差不到该层最大值的 1e-5 即视为相同</translation>
    </message>
    <message>
        <source>A layer with so few distinct units, or fewer, is symmetric. Units count as distinct where weights, bias or their gradient differ by more than 1e-5 of the largest; closer than that sums in float32 do not agree, whatever the units.</source>
        <translation>不同的单元只有这么多或更少的层是对称的。权重、偏置或其梯度相差超过最大值的 1e-5，单元才算不同；比这更接近时，无论单元如何，float32 的求和本身就不一致。</translation>
    </message>
    <message>
        <source>Dead units: alarm</source>
        <translation>死亡单元：警报</translation>
    </message>
    <message>
        <source>share of a layer</source>
        <translation>占一层的比例</translation>
    </message>
    <message>
        <source>SageMaker Debugger, rule DeadRelu</source>
        <translation>SageMaker Debugger，规则 DeadRelu</translation>
    </message>
    <message>
        <source>Dead units: warning</source>
        <translation>死亡单元：警告</translation>
    </message>
    <message>
        <source>Lu et al. 2019: what counts is what training has added</source>
        <translation>Lu 等 2019：重要的是训练增加了多少</translation>
    </message>
    <message>
        <source>By so much the share of dead units exceeds the share that was inactive at the start.</source>
        <translation>死亡单元的比例比开始时未激活的比例高出这么多。</translation>
    </message>
    <message>
        <source>Saturated: warning</source>
        <translation>饱和：警告</translation>
    </message>
    <message>
        <source>Karpathy&apos;s lectures: 5 % at gain 5/3, 41 % at gain 3</source>
        <translation>Karpathy 的课程：增益 5/3 时 5 %，增益 3 时 41 %</translation>
    </message>
    <message>
        <source>Share of activations where the slope of φ is below a twentieth of its maximum.</source>
        <translation>φ 的斜率低于最大值二十分之一的激活值的比例。</translation>
    </message>
    <message>
        <source>Saturated: alarm</source>
        <translation>饱和：警报</translation>
    </message>
    <message>
        <source>Karpathy&apos;s lectures: 85 % with N(0, 1) at width 128</source>
        <translation>Karpathy 的课程：宽度 128、N(0, 1) 时 85 %</translation>
    </message>
    <message>
        <source>Diverged: loss above</source>
        <translation>发散：损失高于</translation>
    </message>
    <message>
        <source>AutoTrainer (Zhang et al. 2021)</source>
        <translation>AutoTrainer（Zhang 等，2021）</translation>
    </message>
    <message>
        <source>A loss that has risen above this in two of three steps has diverged; one that began above it, once it is as many times its first value as the next row says.</source>
        <translation>三步中有两步损失升到此值以上即为发散；若一开始就在此值以上，则升到最初值的若干倍（见下一行）才算发散。</translation>
    </message>
    <message>
        <source>Diverged: loss risen</source>
        <translation>发散：损失升高</translation>
    </message>
    <message>
        <source>× first loss</source>
        <translation>× 最初的损失</translation>
    </message>
    <message>
        <source>A loss that stays above so many times its first value has diverged.</source>
        <translation>损失持续高于最初值的这么多倍即为发散。</translation>
    </message>
    <message>
        <source>… for</source>
        <translation>……持续</translation>
    </message>
    <message>
        <source>For how long the loss has to stay there.</source>
        <translation>损失需要保持多久。</translation>
    </message>
    <message>
        <source>Learning: loss fallen by</source>
        <translation>在学习：损失下降</translation>
    </message>
    <message>
        <source>share of the first</source>
        <translation>占最初的比例</translation>
    </message>
    <message>
        <source>convention: more than batches differ by</source>
        <translation>约定：大于小批量之间的差异</translation>
    </message>
    <message>
        <source>A gradient norm so many times its running median, and that of the last nine steps, and above its first value, is a spike. Steps in which it had vanished are not counted: rising back to its usual size is none.</source>
        <translation>梯度范数既达到滑动中位数的这么多倍，也达到最近九步中位数的这么多倍，且高于最初的值，就是尖峰。梯度消失的那些步不计入：恢复到平常大小不算尖峰。</translation>
    </message>
    <message>
        <source>A loss that has fallen by less, a hundred steps after the start, has not begun to fall.</source>
        <translation>开始一百步之后下降不到这么多的损失，还没有开始下降。</translation>
    </message>
    <message>
        <source>Underflow</source>
        <translation>下溢</translation>
    </message>
    <message>
        <source>share of entries</source>
        <translation>占分量的比例</translation>
    </message>
    <message>
        <source>Micikevicius et al. 2018: 5 % of entries below 2^-24</source>
        <translation>Micikevicius 等 2018：5 % 的分量低于 2^-24</translation>
    </message>
    <message>
        <source>Share of the entries of ∂L/∂W that the number format has rounded to zero.</source>
        <translation>∂L/∂W 中被数值格式舍入为零的分量的比例。</translation>
    </message>
    <message>
        <source>Near overflow in float16</source>
        <translation>float16 接近上溢</translation>
    </message>
    <message>
        <source>IEEE 754: float16 ends at 65504</source>
        <translation>IEEE 754：float16 的上限是 65504</translation>
    </message>
    <message>
        <source>Limit of float32</source>
        <translation>float32 的极限</translation>
    </message>
    <message>
        <source>IEEE 754: smallest normal number 1.2e-38</source>
        <translation>IEEE 754：最小的正规数 1.2e-38</translation>
    </message>
    <message>
        <source>A root mean square below this has lost its digits.</source>
        <translation>均方根低于此值时，有效位数已经丢失。</translation>
    </message>
    <message>
        <source>healthy</source>
        <translation>梯度稳定</translation>
    </message>
    <message>
        <source>weakly exploding</source>
        <translation>轻微的梯度爆炸</translation>
    </message>
    <message>
        <source>exploding</source>
        <translation>梯度爆炸</translation>
    </message>
    <message>
        <source>no gradient</source>
        <translation>没有梯度</translation>
    </message>
    <message>
        <source>diverged</source>
        <translation>发散</translation>
    </message>
    <message>
        <source>too shallow to tell</source>
        <translation>网络太浅，无法判断</translation>
    </message>
    <message>
        <source>covariate</source>
        <translation>协变量偏移</translation>
    </message>
    <message>
        <source>label</source>
        <translation>标签偏移</translation>
    </message>
    <message>
        <source>random</source>
        <translation>随机</translation>
    </message>
</context>
</TS>
