"""Common first and last names in Hyderabad. The people in the demo don't exist."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CHILDREN = _words("""
    Aadhya Aarav Aditi Advik Aisha Akhil Ananya Anika Arjun Arnav Atharv Ayaan Bhavya Charan Dev
    Dhruv Diya Eshan Farhan Gautam Harini Hasini Ibrahim Ira Ishaan Ishita Jahnavi Kabir Karthik
    Keerthi Krish Lakshya Manvi Meera Mihir Mohammed Nandini Navya Nikhil Nithya Om Pranav Pranavi
    Rehan Reyansh Ridhi Rithvik Rohan Saanvi Sahasra Samaira Siddharth Sriya Tanvi Tejas Vaishnavi
    Varun Vihaan Yash Zara Zoya
""")
FAMILIES = _words("""
    Agarwal Ahmed Ali Bhat Chary Choudhary Das Desai Fernandes Goud Gupta Hussain Iyer Jain Joshi
    Kapoor Khan Kulkarni Kumar Mehta Menon Mishra Murthy Naidu Nair Patel Pillai Prasad Raju Rao
    Reddy Sharma Shaik Singh Sinha Srinivas Thomas Varma Verma Yadav
""")
