"""One thing has one name in Chinese wherever it is told: that of 《动手学深度学习》."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RESOURCES = ROOT / "resources"
TEXTS = sorted(
    [
        RESOURCES / "README.zh_CN.md",
        *(RESOURCES / "i18n").glob("*zh_CN.ts"),
        *(RESOURCES / "lessons").glob("*.toml"),
        *(RESOURCES / "presets").glob("*.json"),
    ]
)
# The name, and what it is not called; a pattern where the name contains the other.
ONE_NAME = {
    "跨层连接": r"跳跃连接|跳层连接|快捷连接",
    "残差连接": r"残余连接",
    "数值格式": r"数字格式|数的格式",
    "预激活值": r"激活之前的值|激活前的值|预激活(?!值)",
    "激活函数": r"激励函数|活化函数",
    "前向传播": r"正向|前馈",
    "反向传播": r"后向|逆向传播",
    "随机种子": r"(?<!随机)种子",
    "阈值": r"门限|临界值",
    "诊断": r"结论|判定",
    "这次运行": r"[这该]次训练|训练记录|一次训练|多次训练|当前训练",
    "设置": r"表单|参数面板",
    "优化算法": r"优化器|最优化方法",
    "学习率": r"学习速率|学习步长",
    "批量规范化": r"批量?归一化|批次|批标准化",
    "层规范化": r"层归一化",
    "暂退法": r"丢弃法|随机失活",
    "小批量": r"(?<!小)批量(?!大小|规范化)|迷你批",
    "迭代周期": r"一轮|轮次|(?<!迭代)周期",
    "隐藏层": r"隐含层|隐层",
    "裁剪": r"截断|剪裁",
    "权重": r"权值",
    "偏置": r"偏移项",
    "死亡单元": r"失活|僵死|死神经元",
    "上溢、下溢": r"(?<![上下])溢出",
    "精度": r"准确率|正确率",
    "参数初始化": r"初始化器|参数的?起始值",
    "梯度消失": r"梯度弥散",
    "单元": r"神经元",
}


@pytest.mark.parametrize("name", ONE_NAME)
def test_a_thing_has_one_name(name):
    other = re.compile(ONE_NAME[name])
    found = [
        f"{path.name}: …{text[max(0, hit.start() - 12) : hit.end() + 8]}…"
        for path in TEXTS
        for text in [path.read_text(encoding="utf-8")]
        for hit in other.finditer(text)
    ]
    assert not found, f"{name} is also called otherwise"


def test_the_names_are_used_at_all():
    assert len(TEXTS) > 40
    everything = "".join(path.read_text(encoding="utf-8") for path in TEXTS)
    for names in ONE_NAME:
        for name in names.split("、"):
            assert name in everything
